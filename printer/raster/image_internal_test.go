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
	first, err := picture(img, 48, 48)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := picture(img, 48, 48); again != first {
		t.Error("drawn twice")
	}
	for i := range 40 {
		keepPicture(pictureKey{width: i}, New(2048, 1024))
		sum := 0
		for _, b := range pictures.cache {
			sum += len(b.Bits)
		}
		if sum != pictures.bytes || sum > maxPictureBytes || len(pictures.order) != len(pictures.cache) {
			t.Fatalf("%d bytes are kept, %d counted", sum, pictures.bytes)
		}
	}
	if again, _ := picture(img, 48, 48); again == first {
		t.Error("the oldest is still there")
	}
}
