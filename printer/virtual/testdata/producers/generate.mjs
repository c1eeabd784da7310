// Prints the same small receipt with each program that others print with, and writes what it would have sent to a printer:
// node generate.mjs [FOLDER], after npm ci. The files in this folder were made so.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const folder = process.argv[2] ?? import.meta.dirname;
const save = (name, data) => fs.writeFileSync(path.join(folder, name + '.bin'), Buffer.from(data));

// A picture of 64 by 32 dots, a black frame with a diagonal, as RGBA and as a PNG.
const width = 64, height = 32;
const rgba = new Uint8ClampedArray(width * height * 4);
for (let y = 0; y < height; y++) {
  for (let x = 0; x < width; x++) {
    const black = x < 2 || y < 2 || x >= width - 2 || y >= height - 2 || x === 2 * y;
    rgba.set(black ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * width + x) * 4);
  }
}
const picture = { data: rgba, width, height };

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const size = Buffer.alloc(4), sum = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  sum.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([size, body, sum]);
}
const header = Buffer.alloc(13);
header.writeUInt32BE(width, 0);
header.writeUInt32BE(height, 4);
header.set([8, 6, 0, 0, 0], 8);
const lines = Buffer.concat(Array.from({ length: height }, (_, y) =>
  Buffer.concat([Buffer.from([0]), Buffer.from(rgba.buffer, y * width * 4, width * 4)])));
const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  chunk('IHDR', header), chunk('IDAT', zlib.deflateSync(lines)), chunk('IEND', Buffer.alloc(0))]);

async function receiptio() {
  const { print } = await import('receiptio');
  const document = `^^^RECEIPT
{image:${png.toString('base64')}}
Café crème |2 | 4.00
{border:line; width:20,6,10}
Thé vert | 1 | 2.00
---
{border:space; width:20,20}
{code:https://receipt.example/42; option:qrcode,4,m}
{code:4006381333931; option:ean,2,60,hri}
^TOTAL | ^6.00
`;
  for (const [name, options] of [['', ''], ['-landscape', ' -v'], ['-upside-down', ' -u']]) {
    save('receiptio' + name, Buffer.from(await print(document, '-p escpos -c 48 -l fr' + options), 'latin1'));
  }
  save('receiptio-gb18030', Buffer.from(await print('^^^收据\n\n咖啡 | 4.00\n合计 | 4.00\n', '-p escpos -c 48 -l zh-hans'), 'latin1'));
}

async function nodeThermalPrinter() {
  const { default: { printer: Printer, types, characterSet } } = await import('node-thermal-printer');
  const p = new Printer({ type: types.EPSON, interface: 'tcp://127.0.0.1:9', characterSet: characterSet.PC858_EURO, width: 48 });
  p.alignCenter();
  p.setTextQuadArea();
  p.println('RECEIPT');
  p.setTextNormal();
  await p.printImageBuffer(png);
  p.alignLeft();
  p.leftRight('Café crème', '4.00 €');
  p.tableCustom([{ text: 'Thé vert', align: 'LEFT', width: 0.5 }, { text: '2.00', align: 'RIGHT', width: 0.5, bold: true }]);
  p.drawLine();
  p.bold(true);
  p.underline(true);
  p.invert(true);
  p.println('TOTAL 6.00');
  p.bold(false);
  p.underline(false);
  p.invert(false);
  p.printQR('https://receipt.example/42', { cellSize: 4, correction: 'M', model: 2 });
  p.printBarcode('{BRECEIPT-42', 73, { hriPos: 2, width: 2, height: 60 });
  p.pdf417('receipt 42', { rowHeight: 3, width: 2, correction: 1, truncated: false, columns: 3 });
  p.maxiCode('receipt 42', { mode: 4 });
  p.cut();
  p.openCashDrawer();
  p.beep();
  save('node-thermal-printer', p.getBuffer());
}

function encode(Encoder, options) {
  return new Encoder({ columns: 48, ...options })
    .initialize()
    .align('center')
    .width(2).height(2).line('RECEIPT').width(1).height(1)
    .image(picture, width, height, 'threshold', 128)
    .align('left')
    .codepage('auto')
    .table([{ width: 28, align: 'left' }, { width: 10, align: 'right' }], [
      ['Café crème', '4.00'],
      ['Thé vert', '2.00'],
      ['Žluťoučký Ελλάδα Привет', '0.00'],
    ])
    .rule({ style: 'double' })
    .box({ width: 24, style: 'single', align: 'left' }, 'in a box')
    .bold(true).underline(true).invert(true).line('TOTAL 6.00').bold(false).underline(false).invert(false)
    .qrcode('https://receipt.example/42', 2, 4, 'm')
    .barcode('4006381333931', 'ean13', 60)
    .pdf417('receipt 42', { columns: 3, rows: 0, width: 2, height: 3, errorlevel: 1 })
    .newline(4)
    .cut()
    .pulse()
    .encode();
}

async function encoders() {
  const { default: Receipt } = await import('@point-of-sale/receipt-printer-encoder');
  save('receipt-printer-encoder', encode(Receipt, { language: 'esc-pos' }));
  save('receipt-printer-encoder-columns', encode(Receipt, { language: 'esc-pos', imageMode: 'column' }));
  save('receipt-printer-encoder-tm-t88v', encode(Receipt, { printerModel: 'epson-tm-t88v', columns: 42 }));
  const { default: EscPos } = await import('esc-pos-encoder');
  save('esc-pos-encoder', encode(EscPos, { language: 'esc-pos' }));
}

async function nodeEscpos() {
  const { Printer, Image } = await import('@node-escpos/core');
  const sent = [];
  const adapter = {
    open(done) { done?.(null); return this; },
    write(data, done) { sent.push(Buffer.from(data)); done?.(null); return this; },
    close(done) { done?.(null); return this; },
    read() {},
    on() { return this; },
  };
  const file = path.join(folder, 'picture.png');
  fs.writeFileSync(file, png);
  const image = await Image.load(file);
  fs.unlinkSync(file);
  let p = new Printer(adapter, { encoding: 'CP858', width: 48 });
  p.setCharacterCodeTable(19).align('CT').size(2, 2).text('RECEIPT').size(1, 1);
  p = await p.image(image, 'd24');
  p.raster(image);
  p.align('LT').style('B').text('Café crème  4.00').style('NORMAL').tableCustom([
    { text: 'Thé vert', align: 'LEFT', width: 0.5 }, { text: '2.00', align: 'RIGHT', width: 0.5 },
  ]);
  p.drawLine();
  p.text('TOTAL 6.00').barcode('400638133393', 'EAN13', { width: 2, height: 60, position: 'BLW' });
  p.qrcode('https://receipt.example/42', 4, 'm', 4);
  p.feed(2).cut().cashdraw(2).beep(1, 1);
  await p.close();
  save('node-escpos', Buffer.concat(sent));
}

await receiptio();
await nodeThermalPrinter();
await encoders();
await nodeEscpos();
