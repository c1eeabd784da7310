package iconv
