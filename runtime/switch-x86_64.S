/* switch-x86_64.S: the switch for x86-64, System V ABI.
 *
 * A suspended stack, from its pointer upwards:
 *
 *      | mxcsr, x87 control | r15 | r14 | r13 | r12 | rbx | rbp | where to go on |
 *
 * It ends in an indirect jump and not in `ret`: the return predictor would expect the caller of the
 * stack that was left, and miss every time.
 */
        .text
        .globl  weft__switch
        .hidden weft__switch
        .hidden weft__switch
        .type   weft__switch, @function
        .p2align 4
weft__switch:                                   /* rdi: void **from, rsi: to, rdx: fp_control, ecx: value */
        .cfi_startproc
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbp, 0
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbx, 0
        pushq   %r12
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r12, 0
        pushq   %r13
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r13, 0
        pushq   %r14
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r14, 0
        pushq   %r15
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r15, 0
        pushq   %rdx
        .cfi_adjust_cfa_offset 8
        movq    %rsp, (%rdi)
        /* Loads go through rsi: through rsp the processor would guess that they find what was just
         * pushed there, and be wrong. */
        cmpq    (%rsi), %rdx                    /* loading them is slow: only when they differ */
        jne     .Lload
.Lloaded:
        movq    8(%rsi), %r15
        movq    16(%rsi), %r14
        movq    24(%rsi), %r13
        movq    32(%rsi), %r12
        movq    40(%rsi), %rbx
        movq    48(%rsi), %rbp
        movq    56(%rsi), %rdx
        leaq    64(%rsi), %rsp
        movl    %ecx, %eax
        .cfi_undefined rip
        jmp     *%rdx
.Lload:
        ldmxcsr (%rsi)
        fldcw   4(%rsi)
        jmp     .Lloaded
        .cfi_endproc
        .size   weft__switch, . - weft__switch

/* The bottom of every coroutine stack: r12 = entry, r13 = arg, rbp = 0. A backtrace ends here. */
        .type   start, @function
        .p2align 4
start:
        .cfi_startproc
        .cfi_undefined rip
        movq    %r13, %rdi
        callq   *%r12
        ud2
        .cfi_endproc
        .size   start, . - start

        .globl  weft__switch_prepare
        .hidden weft__switch_prepare
        .hidden weft__switch_prepare
        .type   weft__switch_prepare, @function
        .p2align 4
weft__switch_prepare:                           /* rdi: low, rsi: size, rdx: entry, rcx: arg */
        .cfi_startproc
        leaq    (%rdi,%rsi), %rax
        andq    $-16, %rax
        subq    $80, %rax                       /* so that `start` finds rsp 16-byte aligned */
        movq    $0, (%rax)
        stmxcsr (%rax)
        fnstcw  4(%rax)
        movq    $0, 8(%rax)                     /* r15 */
        movq    $0, 16(%rax)                    /* r14 */
        movq    %rcx, 24(%rax)                  /* r13: arg */
        movq    %rdx, 32(%rax)                  /* r12: entry */
        movq    $0, 40(%rax)                    /* rbx */
        movq    $0, 48(%rax)                    /* rbp: the end of the frame chain */
        leaq    start(%rip), %rdx
        movq    %rdx, 56(%rax)
        movq    $0, 64(%rax)                    /* no return address */
        movq    $0, 72(%rax)
        retq
        .cfi_endproc
        .size   weft__switch_prepare, . - weft__switch_prepare

        .section .note.GNU-stack, "", @progbits
