// Node doing what libweft's benchmarks do: prints NAME VALUE UNIT, as they do. The best of several
// rounds; names choose rows by prefix.

const ROUNDS = 5;

const names = process.argv.slice(2);
const wanted = name =>
  names.length === 0 || names.some(n => name.startsWith(n) || n.startsWith(name));

async function timed(name, operations, run) {
  if (!wanted(name)) return;
  let best = Infinity;
  for (let i = 0; i < ROUNDS; i++) {
    const begin = performance.now();
    await run(operations);
    best = Math.min(best, performance.now() - begin);
  }
  console.log(`${name} ${(best * 1e6 / operations).toFixed(1)} ns`);
}

const nop = async () => {};

// One iteration of its loop, as sleep(0) is.
async function yields(n) {
  for (let i = 0; i < n; i++) await new Promise(resolve => setImmediate(resolve));
}

async function spawns(n) {
  for (let i = 0; i < n; i++) await nop();
}

// Two that take turns: each awaits its promise, makes its next one and resolves the other's.
async function wakes(n) {
  const resolvers = [], promises = [];
  const make = i => { promises[i] = new Promise(resolve => { resolvers[i] = resolve; }); };
  const takesTurns = async (me, turns) => {
    for (let i = 0; i < turns; i++) {
      await promises[me];
      make(me);
      resolvers[1 - me](1);
    }
  };
  make(0);
  make(1);
  const both = [takesTurns(0, n / 2), takesTurns(1, n / 2)];
  resolvers[0](1);
  await Promise.all(both);
}

async function gathers(n) {
  await Promise.all(Array.from({ length: n }, nop));
}

async function sleepers(n) {
  globalThis.gc?.();
  const memory = process.memoryUsage().rss, begin = process.cpuUsage();
  const tasks = [];
  const spent = () => {
    const { user, system } = process.cpuUsage(begin);
    return (user + system) * 1e3 / n;
  };
  for (let i = 0; i < n; i++)
    tasks.push((async () => { await new Promise(resolve => setTimeout(resolve, 2000)); })());
  console.log(`sleep.100k ${spent().toFixed(1)} ns`);
  console.log(`sleep.100k.bytes ${((process.memoryUsage().rss - memory) / n).toFixed(0)} B`);
  await Promise.all(tasks);
  console.log(`sleep.100k.all ${spent().toFixed(1)} ns`);
}

await timed('task.yield_alone', 100000, yields);
await timed('task.create_await', 1000000, spawns);
await timed('future.wake', 200000, wakes);
await timed('gather.10k', 10000, gathers);
if (wanted('sleep.100k')) await sleepers(100000);
