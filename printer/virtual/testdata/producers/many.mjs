// Prints many receipts, made up from a seed, with each program that others print with, and writes what it would have sent to a printer:
// node many.mjs FOLDER [NUMBER], after npm ci. The same seed makes the same receipts.
import fs from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const number = Number(process.argv[3] ?? 30);
const save = (name, n, data) => fs.writeFileSync(path.join(folder, `${name}-${String(n).padStart(3, '0')}.bin`), Buffer.from(data));

// A generator of numbers of 32 bits (mulberry32).
function random(seed) {
  return (limit) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}
const words = ['Café crème', 'Thé vert', 'Tea', 'Sandwich', 'Brötchen', 'Straße 5', 'Œuf', 'a name that is longer than the paper of a small printer is wide', 'TOTAL', ''];
const pick = (r, list) => list[r(list.length)];
const price = (r) => `${r(90)}.${String(r(100)).padStart(2, '0')}`;

function picture(r) {
  const width = 8 * (1 + r(12)), height = 8 * (1 + r(6));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) data.set(r(2) ? [0, 0, 0, 255] : [255, 255, 255, 255], i * 4);
  return { data, width, height };
}

async function receiptio(r) {
  const { print } = await import('receiptio');
  let text = '';
  for (let i = 0; i < 3 + r(10); i++) {
    text += pick(r, [
      () => `${'^'.repeat(r(4))}${pick(r, words)}\n`,
      () => `|${pick(r, words)} | ${price(r)}|\n`,
      () => '---\n',
      () => `{border:line; width:20,10,10}\n${pick(r, words)} |${r(9)} | ${price(r)}\n{border:space; width:auto}\n`,
      () => `{code:${1000 + r(100000)}; option:code128,2,${40 + r(60)}${r(2) ? ',hri' : ''}}\n`,
      () => `{code:https://receipt.example/${r(1000)}; option:qrcode,${3 + r(4)},${pick(r, ['l', 'm', 'q', 'h'])}}\n`,
      () => `"${pick(r, words)}" _${pick(r, words)}_ \`${pick(r, words)}\`\n`,
      () => '=\n',
    ])();
  }
  return Buffer.from(await print(text, `-p escpos -c ${pick(r, [32, 42, 48])} -l ${pick(r, ['fr', 'en', 'de'])}${pick(r, ['', '', ' -u', ' -v', ' -s'])}`), 'latin1');
}

async function nodeThermalPrinter(r) {
  const { default: { printer: Printer, types, characterSet } } = await import('node-thermal-printer');
  const p = new Printer({ type: types.EPSON, interface: 'tcp://127.0.0.1:9', characterSet: pick(r, [characterSet.PC858_EURO, characterSet.PC850_MULTILINGUAL, characterSet.WPC1252]), width: pick(r, [32, 42, 48]) });
  for (let i = 0; i < 4 + r(14); i++) {
    pick(r, [
      () => p.println(pick(r, words)),
      () => p.leftRight(pick(r, words), price(r)),
      () => p.drawLine(),
      () => p.tableCustom([{ text: pick(r, words), align: 'LEFT', width: 0.5 }, { text: price(r), align: 'RIGHT', width: 0.4, bold: !!r(2) }]),
      () => p.bold(!!r(2)), () => p.underline(!!r(2)), () => p.invert(!!r(2)), () => p.upsideDown(false),
      () => p.setTextSize(r(3), r(3)), () => p.setTextNormal(), () => p.setTextDoubleHeight(), () => p.setTypeFontB(), () => p.setTypeFontA(),
      () => p.alignCenter(), () => p.alignLeft(), () => p.alignRight(), () => p.newLine(),
      () => p.printQR(`https://receipt.example/${r(1000)}`, { cellSize: 2 + r(5), correction: 'M', model: 2 }),
      () => p.code128(`A${r(100000)}`), () => p.openCashDrawer(), () => p.beep(),
      () => (r(4) ? p.println(pick(r, words)) : p.cut()),
    ])();
  }
  p.newLine();
  p.cut();
  return p.getBuffer();
}

async function encoder(module, r) {
  const { default: Encoder } = await import(module);
  const columns = pick(r, [32, 42, 48]);
  let e = new Encoder({ columns, language: 'esc-pos', imageMode: pick(r, ['raster', 'column']) }).initialize();
  for (let i = 0; i < 4 + r(12); i++) {
    e = pick(r, [
      () => e.line(pick(r, words)),
      () => e.align(pick(r, ['left', 'center', 'right'])),
      () => e.codepage(pick(r, ['auto', 'cp437', 'windows1252'])),
      () => e.bold(!!r(2)), () => e.underline(!!r(2)), () => e.invert(!!r(2)),
      () => e.width(1 + r(3)).height(1 + r(3)).line(pick(r, words)).width(1).height(1),
      () => e.table([{ width: columns - 12, align: 'left' }, { width: 10, align: 'right' }], [[pick(r, words).slice(0, columns - 13), price(r)], ['Tea', price(r)]]),
      () => e.rule({ style: pick(r, ['single', 'double']) }),
      () => { const p = picture(r); return e.align('left').image(p, p.width, p.height, 'threshold', 128); },
      () => e.qrcode(`https://receipt.example/${r(1000)}`, 2, 2 + r(5), pick(r, ['l', 'm', 'q', 'h'])),
      () => e.barcode(String(400638133393 + r(1000)).slice(0, 12), 'ean13', 40 + r(60)),
      () => e.newline(), () => e.pulse(), () => (r(4) ? e.line(pick(r, words)) : e.cut(pick(r, ['full', 'partial']))),
    ])();
  }
  return e.newline().cut().encode();
}

async function nodeEscpos(r) {
  const { Printer } = await import('@node-escpos/core');
  const sent = [];
  const adapter = {
    open(done) { done?.(null); return this; }, write(data, done) { sent.push(Buffer.from(data)); done?.(null); return this; },
    close(done) { done?.(null); return this; }, read() {}, on() { return this; },
  };
  const p = new Printer(adapter, { encoding: 'CP858', width: 48 });
  p.setCharacterCodeTable(19);
  for (let i = 0; i < 4 + r(12); i++) {
    pick(r, [
      () => p.text(pick(r, words).replace('Œ', 'Oe')), () => p.align(pick(r, ['LT', 'CT', 'RT'])), () => p.size(1 + r(3), 1 + r(3)),
      () => p.style(pick(r, ['B', 'U', 'NORMAL'])), () => p.drawLine(), () => p.feed(1 + r(3)), () => p.font(pick(r, ['A', 'B'])), () => p.lineSpace(r(60)),
      () => p.tableCustom([{ text: 'Tea', align: 'LEFT', width: 0.5 }, { text: price(r), align: 'RIGHT', width: 0.5 }]),
      () => p.barcode(String(400638133393 + r(1000)).slice(0, 12), 'EAN13', { width: 2, height: 40 + r(60), position: 'BLW' }),
      () => p.qrcode(`https://receipt.example/${r(1000)}`, 4, 'm', 4), () => p.cashdraw(2), () => p.beep(1, 1),
    ])();
  }
  p.feed(2).cut();
  await p.close();
  return Buffer.concat(sent);
}

const producers = {
  receiptio, 'node-thermal-printer': nodeThermalPrinter, 'node-escpos': nodeEscpos,
  'receipt-printer-encoder': (r) => encoder('@point-of-sale/receipt-printer-encoder', r), 'esc-pos-encoder': (r) => encoder('esc-pos-encoder', r),
};
for (const [name, make] of Object.entries(producers)) {
  for (let n = 0; n < number; n++) save(name, n, await make(random(n * 7919 + name.length)));
}
