package raster

import (
	"image"
	"math"

	"golang.org/x/image/draw"
)

// scaled draws src on white paper at another size, with the kernel of golang.org/x/image/draw.CatmullRom. That package keeps
// 32 bytes for every dot in between, for four colours; grey takes 4.
func scaled(src image.Image, width, height int) *image.Gray {
	from := src.Bounds()
	line := image.NewGray(image.Rect(0, 0, from.Dx(), 1))
	across, down := weights(width, from.Dx()), weights(height, from.Dy())
	between := make([]float32, width*from.Dy()) // as wide as the result, as high as the source
	for y := range from.Dy() {
		draw.Draw(line, line.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(line, line.Rect, src, image.Pt(from.Min.X, from.Min.Y+y), draw.Over)
		for x, w := range across {
			sum := float32(0)
			for k, f := range w.factors {
				sum += f * float32(line.Pix[w.first+k])
			}
			between[y*width+x] = sum
		}
	}
	out := image.NewGray(image.Rect(0, 0, width, height))
	for y, w := range down {
		for x := range width {
			sum := float32(0)
			for k, f := range w.factors {
				sum += f * between[(w.first+k)*width+x]
			}
			out.Pix[y*out.Stride+x] = uint8(min(max(sum+0.5, 0), 255))
		}
	}
	return out
}

// A weight is how much each dot of the source, from first on, adds to one of the result. The factors' sum is 1.
type weight struct {
	first   int
	factors []float32
}

// weights gives those of n dots made of m. Where the result is smaller the kernel is wider, so that no dot is passed over.
func weights(n, m int) []weight {
	scale := float64(m) / float64(n)
	wide := max(scale, 1)
	reach := draw.CatmullRom.Support * wide
	all := make([]weight, n)
	for i := range all {
		centre := (float64(i)+0.5)*scale - 0.5
		first := max(int(math.Ceil(centre-reach)), 0)
		last := min(int(math.Floor(centre+reach)), m-1)
		w := weight{first: first, factors: make([]float32, last-first+1)}
		sum := 0.0
		for k := range w.factors {
			sum += at((float64(first+k) - centre) / wide)
		}
		for k := range w.factors {
			w.factors[k] = float32(at((float64(first+k)-centre)/wide) / sum)
		}
		all[i] = w
	}
	return all
}

// at is the kernel's value at a distance on either side.
func at(t float64) float64 {
	if t = math.Abs(t); t >= draw.CatmullRom.Support {
		return 0
	}
	return draw.CatmullRom.At(t)
}
