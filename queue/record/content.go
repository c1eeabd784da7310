package record

import (
	"bytes"
	"compress/flate"
	_ "embed" // the dictionary
	"fmt"
	"io"

	kp "github.com/klauspost/compress/flate"
)

// packed is the first byte of a content that is kept short: deflate (RFC 1951) with the dictionary below follows. A content that is
// kept as it came begins with a brace.
const packed = 1

// dictionary is what contents most often hold. It is part of the journal's form and never changes: a better one would be another
// file under another first byte.
//
//go:embed content.dict
var dictionary []byte

// Pack gives a job's content as it is kept: a slip of 1,000 bytes takes 200 to 350. It may be called by many goroutines; 15 to 30 us.
func Pack(text []byte) []byte {
	if len(text) == 0 || text[0] != '{' {
		return text
	}
	var out bytes.Buffer
	out.Grow(len(text))
	out.WriteByte(packed)
	// The standard library's compressor is reset with 600 KB of tables for each slip; this one keeps nothing between two.
	if err := kp.StatelessDeflate(&out, text, true, dictionary); err != nil || out.Len() >= len(text) {
		return text
	}
	return out.Bytes()
}

// maxContent bounds what a damaged or forged row may grow to.
const maxContent = 64 << 20

// Unpack gives a content as it came.
func Unpack(kept []byte) ([]byte, error) {
	if len(kept) == 0 || kept[0] != packed {
		return kept, nil
	}
	r := flate.NewReaderDict(bytes.NewReader(kept[1:]), dictionary)
	text, err := io.ReadAll(io.LimitReader(r, maxContent))
	if err != nil {
		return nil, fmt.Errorf("unpack a job's content: %w", err)
	}
	return text, nil
}

// Content gives the content of a job, empty when none was kept. Error: ErrNotFound.
func Content(s Source, seq int64) ([]byte, error) {
	var kept []byte
	if err := s.Row("SELECT json FROM jobs WHERE seq = ?", seq).Scan(&kept); err != nil {
		return nil, NoRow(err)
	}
	return Unpack(kept)
}
