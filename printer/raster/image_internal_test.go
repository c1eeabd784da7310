package raster

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

// A logo is scaled and dithered once; however many there are, the memory for them is bounded.
func TestPicturesKept(t *testing.T) {
	var data bytes.Buffer
	if err := png.Encode(&data, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	img := &receiptline.Image{Data: data.Bytes(), Width: 64, Height: 64}
	var first *Bitmap
	for i := range 40 {
		width := 2048 - 8*i
		b, err := picture(img, width, 2048)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := picture(img, width, 2048); again != b {
			t.Fatal("drawn twice")
		}
		if first == nil {
			first = b
		}
		sum := 0
		for _, b := range pictures.cache {
			sum += len(b.Bits)
		}
		if sum != pictures.bytes || sum > maxPictureBytes || len(pictures.order) != len(pictures.cache) {
			t.Fatalf("%d bytes are kept, %d counted", sum, pictures.bytes)
		}
	}
	if again, _ := picture(img, 2048, 2048); again == first {
		t.Error("the oldest is still there")
	}
}
