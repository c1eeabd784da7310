// Reads records separated by NUL on stdin and writes one answer for each, separated by NUL.
// A record is one line of JSON and, after its line break, a document:
//   {"cpl":32,"encoding":"gb18030"}   answers the rows of the text command
//   {"barcode":{...}}                 answers the bar code generator's widths, as JSON
//   {"qrcode":{...}}                  answers the number of modules on a side
'use strict';
const receiptline = require('receiptline');

const answer = record => {
    const end = record.indexOf('\n');
    const options = JSON.parse(record.slice(0, end));
    if (options.barcode) {
        const bars = receiptline.barcode.generate(options.barcode);
        return JSON.stringify({ text: bars.text || '', widths: bars.widths || [] });
    }
    if (options.qrcode) {
        return String(receiptline.qrcode.generate(options.qrcode).length);
    }
    try {
        return receiptline.transform(record.slice(end + 1), { ...options, command: 'text' });
    } catch (error) {
        return 'CRASH ' + error.message;
    }
};

const chunks = [];
process.stdin.on('data', chunk => chunks.push(chunk));
process.stdin.on('end', () => {
    const records = Buffer.concat(chunks).toString('utf8').split('\0');
    process.stdout.write(records.map(answer).join('\0'));
});
