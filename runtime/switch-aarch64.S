/* switch-aarch64.S: the switch for 64-bit ARM, AAPCS64.
 *
 * A suspended stack, from its pointer upwards (176 bytes):
 *
 *      | x19 … x28 | x29 | x30: where to go on | d8 … d15 | fpcr | - |
 */
        .text
        .globl  weft__switch
        .hidden weft__switch
        .hidden weft__switch
        .type   weft__switch, %function
        .p2align 4
weft__switch:                                   /* x0: void **from, x1: to, x2: fp_control, w3: value */
        .cfi_startproc
        sub     sp, sp, #176
        .cfi_adjust_cfa_offset 176
        stp     x19, x20, [sp, #0]
        .cfi_rel_offset x19, 0
        .cfi_rel_offset x20, 8
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        stp     x29, x30, [sp, #80]
        .cfi_rel_offset x29, 80
        .cfi_rel_offset x30, 88
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        str     x2, [sp, #160]
        mov     x10, sp
        str     x10, [x0]
        mov     sp, x1
        ldr     x10, [sp, #160]
        cmp     x2, x10
        b.eq    1f
        msr     fpcr, x10                       /* slow: only when it differs */
1:      ldp     d14, d15, [sp, #144]
        ldp     d12, d13, [sp, #128]
        ldp     d10, d11, [sp, #112]
        ldp     d8, d9, [sp, #96]
        ldp     x29, x30, [sp, #80]
        ldp     x27, x28, [sp, #64]
        ldp     x25, x26, [sp, #48]
        ldp     x23, x24, [sp, #32]
        ldp     x21, x22, [sp, #16]
        ldp     x19, x20, [sp, #0]
        mov     x9, x30
        mov     w0, w3
        add     sp, sp, #176
        .cfi_adjust_cfa_offset -176
        br      x9
        .cfi_endproc
        .size   weft__switch, . - weft__switch

/* The bottom of every coroutine stack: x19 = entry, x20 = arg. A backtrace ends here. */
        .type   start, %function
        .p2align 4
start:
        .cfi_startproc
        .cfi_undefined x30
        mov     x29, xzr
        mov     x30, xzr
        mov     x0, x20
        blr     x19
        brk     #1
        .cfi_endproc
        .size   start, . - start

        .globl  weft__switch_prepare
        .hidden weft__switch_prepare
        .hidden weft__switch_prepare
        .type   weft__switch_prepare, %function
        .p2align 4
weft__switch_prepare:                           /* x0: low, x1: size, x2: entry, x3: arg */
        .cfi_startproc
        add     x9, x0, x1
        and     x9, x9, #-16
        sub     x0, x9, #176
        stp     x2, x3, [x0, #0]                /* x19: entry, x20: arg */
        adr     x10, start
        stp     xzr, x10, [x0, #80]
        movi    v0.2d, #0
        stp     d0, d0, [x0, #96]
        stp     d0, d0, [x0, #112]
        stp     d0, d0, [x0, #128]
        stp     d0, d0, [x0, #144]
        mrs     x10, fpcr
        str     x10, [x0, #160]
        ret
        .cfi_endproc
        .size   weft__switch_prepare, . - weft__switch_prepare

        .section .note.GNU-stack, "", %progbits
