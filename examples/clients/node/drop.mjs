#!/usr/bin/env node
// Drop one job for receiptd and wait for its answer.
//
// Usage: node drop.mjs SPOOL JOB.json [SECONDS]
//
// Exit: 0 printed, 3 rejected, 5 not printed yet, 6 uncertain, 7 refused or conflict. Node 18 or newer, no packages.
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// drop puts a job into the drop folder so that receiptd never sees half a file, and a power cut loses nothing.
async function drop(spool, jobId, data) {
  const name = jobId + '.json';
  await rm(join(spool, 'results', name), { force: true }); // the answer to an earlier drop of the same job
  const tmp = join(spool, 'incoming', '.' + name + '.tmp');
  const file = await open(tmp, 'w');
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(tmp, join(spool, 'incoming', name));
  if (process.platform !== 'win32') {
    const folder = await open(join(spool, 'incoming'), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
  return name;
}

const waiting = new Set(['queued', 'sending', 'held']);

// answer gives the answer when nothing more happens by itself, or the latest one (or null) when the time is over.
async function answer(spool, name, seconds) {
  const deadline = performance.now() + seconds * 1000;
  let latest = null;
  for (;;) {
    try {
      latest = JSON.parse(await readFile(join(spool, 'results', name), 'utf8'));
    } catch (err) {
      if (!['ENOENT', 'EPERM', 'EBUSY'].includes(err.code)) throw err; // not there yet; on Windows, being replaced
    }
    if (latest && !latest.copies.some((c) => waiting.has(c.state))) return latest;
    if (performance.now() >= deadline) return latest;
    await sleep(100);
  }
}

async function main([spool, path, seconds = '60']) {
  if (!path) {
    console.error('usage: node drop.mjs SPOOL JOB.json [SECONDS]');
    return 2;
  }
  const data = await readFile(path);
  const got = await answer(spool, await drop(spool, JSON.parse(data).job_id, data), Number(seconds));
  if (!got) {
    console.log('no answer yet; the job is kept. Do not send it again under another job_id.');
    return 5;
  }
  console.log(got.outcome);
  for (const p of [...got.errors, ...got.warnings]) console.log(`${p.code} ${p.pointer ?? ''}: ${p.message.en} -> ${p.fix.en}`);
  for (const c of got.copies) console.log(c.copy, c.state, c.reason ?? '');
  if (got.outcome === 'rejected') return 3;
  if (got.outcome === 'refused' || got.outcome === 'conflict') return 7;
  if (got.copies.some((c) => c.state === 'uncertain')) {
    console.log('Nobody knows whether the slip came out. Look at the printer before you answer.');
    return 6;
  }
  if (got.copies.some((c) => waiting.has(c.state))) {
    console.log('Not printed yet; the slip is kept and comes out by itself. Do not send it again under another job_id.');
    return 5;
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
