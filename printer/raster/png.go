package raster

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// pngChunk is how many bytes of a picture's data stand in one chunk.
const pngChunk = 32 << 10

// png writes the page as a PNG file of one bit for each dot, 1 for black (PNG third edition, 5.3 and 11.2). The dots lie in memory as the
// format wants them, so they are not taken apart: the encoder of the standard library asks for each one by itself, which takes longer
// than to draw them.
func (g *page) png(w io.Writer, height int) error {
	b := New(g.p.WidthDots, bandDots)
	header := binary.BigEndian.AppendUint32(nil, uint32(b.Width))
	header = binary.BigEndian.AppendUint32(header, uint32(height))
	header = append(header, 1, 3, 0, 0, 0) // one bit deep, of a palette, deflate, its filters, not interlaced
	if _, err := io.WriteString(w, "\x89PNG\r\n\x1a\n"); err != nil {
		return err
	}
	c := chunks{w, "IHDR"}
	if _, err := c.Write(header); err != nil {
		return err
	}
	c.name = "PLTE"
	if _, err := c.Write([]byte{0xFF, 0xFF, 0xFF, 0, 0, 0}); err != nil {
		return err
	}
	c.name = "IDAT"
	data := bufio.NewWriterSize(&c, pngChunk)
	if err := g.pngRows(data, b, height); err != nil {
		return err
	}
	if err := data.Flush(); err != nil {
		return err
	}
	c.name = "IEND"
	_, err := c.Write(nil)
	return err
}

// pngRows writes the dots, band by band, each row behind the number of its filter, which is none.
func (g *page) pngRows(w io.Writer, b *Bitmap, height int) error {
	z := zlib.NewWriter(w)
	row := make([]byte, 1+b.Stride)
	for y := range height {
		at := y % b.Height
		if at == 0 {
			g.band(b, y)
		}
		copy(row[1:], b.Bits[at*b.Stride:])
		if _, err := z.Write(row); err != nil {
			return err
		}
	}
	return z.Close()
}

// chunks writes each piece as a chunk of that name.
type chunks struct {
	w    io.Writer
	name string
}

func (c *chunks) Write(data []byte) (int, error) {
	head := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), c.name...)
	sum := crc32.Update(crc32.ChecksumIEEE(head[4:]), crc32.IEEETable, data)
	for _, part := range [][]byte{head, data, binary.BigEndian.AppendUint32(nil, sum)} {
		if _, err := c.w.Write(part); err != nil {
			return 0, err
		}
	}
	return len(data), nil
}
