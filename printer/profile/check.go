package profile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// check reports everything in a model that other packages could not work with.
func (p *Profile) check() error {
	var errs []error
	between := func(key string, v, low, high int) {
		if v < low || v > high {
			errs = append(errs, fmt.Errorf("%s = %d is outside %d-%d", key, v, low, high))
		}
	}
	oneOf := func(key, v string, allowed ...string) {
		if !slices.Contains(allowed, v) {
			errs = append(errs, fmt.Errorf("%s = %q is none of %q", key, v, allowed))
		}
	}
	between("dpi", p.DPI, 60, 300)
	between("columns", p.Columns, MinColumns, 96)
	between("cell_dots", p.CellDots, 4, 24)
	between("font_b_dots", p.SmallDots, 0, p.CellDots)
	between("width_dots", p.WidthDots, p.Columns*p.CellDots, 1000)
	between("line_dots", p.LineDots, 8, 60)
	between("speed_mms", p.SpeedMMS, 10, 600)
	between("magnify", p.Magnify, 2, 8)
	between("buffer_bytes", p.BufferBytes, 512, 1<<20)
	between("reserve_bytes", p.Reserve, 8, p.BufferBytes/2)
	between("cut_feed_dots", p.CutFeedDots, 0, 400)
	between("raster_rows", p.RasterRows, 0, 1662)
	if p.RasterRows > 0 {
		between("raster_bytes", p.RasterBytes, 24*(p.WidthDots+7)/8, 1<<16)
	}
	oneOf("grade", p.Grade, "documented", "reported", "assumed")
	oneOf("two_byte", p.TwoByte, append([]string{""}, twoByteNames()...)...)
	oneOf("cutter", p.Cutter, "", "partial", "full")
	oneOf("nv_logo", p.NVLogo, "", "fs_p", "gs_l")
	oneOf("buzzer", p.Buzzer, "", "esc_b", "esc_paren_a")
	if p.DrawerKick {
		oneOf("drawer_pin", strconv.Itoa(p.DrawerPin), "2", "5")
		between("drawer_on_ms", p.DrawerOnMS, 2, 510)
		between("drawer_off_ms", p.DrawerOffMS, p.DrawerOnMS, 510)
	}
	if p.SelectAfter != 0 {
		between("select_after", p.SelectAfter, 2, 3)
	}
	oneOf("on_paper_out", p.PaperOut, "restart", "resume")
	if p.PaperOut == "restart" && !p.ClearDC4 {
		errs = append(errs, errors.New("on_paper_out = restart needs clear_dle_dc4"))
	}
	if p.TwoByte != "" && !p.GSBangCJK && !p.ESCBangCJK {
		errs = append(errs, errors.New("two_byte needs gs_bang_cjk or esc_bang_cjk"))
	}
	for name, n := range p.CodePages {
		if codePage(name) == nil {
			errs = append(errs, fmt.Errorf("code_pages.%s: no such table here", name))
		}
		between("code_pages."+name, n, 0, 255)
	}
	return errors.Join(errs...)
}
