package raster

import (
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/draw"
)

// Scaled pictures are those of golang.org/x/image/draw, but for the bounds of each colour at hard edges, which grey has not.
func TestScaled(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	src := image.NewNRGBA(image.Rect(3, 5, 203, 95))
	for y := 5; y < 95; y++ {
		for x := 3; x < 203; x++ {
			src.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(2 * y), uint8(random.IntN(256)), uint8(255 - random.IntN(64))})
		}
	}
	for _, size := range [][2]int{{100, 45}, {199, 90}, {57, 90}, {200, 13}, {1, 1}, {250, 120}} {
		want := image.NewGray(image.Rect(0, 0, size[0], size[1]))
		draw.Draw(want, want.Rect, image.White, image.Point{}, draw.Src)
		draw.CatmullRom.Scale(want, want.Rect, src, src.Rect, draw.Over, nil)
		got := scaled(src, size[0], size[1])
		worst := 0
		for i := range want.Pix {
			worst = max(worst, int(want.Pix[i])-int(got.Pix[i]), int(got.Pix[i])-int(want.Pix[i]))
		}
		if worst > 8 {
			t.Errorf("%v: a dot differs by %d", size, worst)
		}
	}
}
