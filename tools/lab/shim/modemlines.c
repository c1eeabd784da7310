/* Modem lines for a pty behind QEMU's "-chardev serial", by LD_PRELOAD. QEMU asks its tty with TIOCMGET, tells it with TIOCMSET
 * and sets its speed; a pty knows none of these. They are kept in $MODEMLINES/NUMBER, three words of 32 bits, for pty NUMBER:
 * what the guest sees (CTS, DSR, CD), what it drives (DTR, RTS), and the c_cflag that it chose. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

enum { SEEN, DRIVEN, CFLAG, WORDS, PTYS = 64 };

static volatile uint32_t *words_of(int fd)
{
	static volatile uint32_t *known[PTYS];
	const char *dir = getenv("MODEMLINES");
	char link[64], name[64], file[4096];
	int n, f, number;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof name - 1);
	if (!dir || n < 0)
		return NULL;
	name[n] = 0;
	if (sscanf(name, "/dev/pts/%d", &number) != 1 || number < 0)
		return NULL;
	if (number < PTYS && known[number])
		return known[number];
	snprintf(file, sizeof file, "%s/%d", dir, number);
	if ((f = open(file, O_RDWR)) < 0)
		return NULL;
	void *map = mmap(NULL, WORDS * 4, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	close(f);
	if (map == MAP_FAILED)
		return NULL;
	if (number < PTYS)
		known[number] = map;
	return map;
}

int ioctl(int fd, unsigned long request, ...)
{
	const uint32_t outputs = TIOCM_DTR | TIOCM_RTS;
	volatile uint32_t *w;
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if ((request == TIOCMGET || request == TIOCMSET) && (w = words_of(fd))) {
		if (request == TIOCMGET)
			*(int *)arg = (w[SEEN] & ~outputs) | (w[DRIVEN] & outputs);
		else
			w[DRIVEN] = *(int *)arg & outputs;
		return 0;
	}
	return syscall(SYS_ioctl, fd, request, arg);
}

int tcsetattr(int fd, int when, const struct termios *t)
{
	int (*real)(int, int, const struct termios *) = dlsym(RTLD_NEXT, "tcsetattr");
	volatile uint32_t *w = words_of(fd);

	if (w)
		w[CFLAG] = t->c_cflag;
	return real(fd, when, t);
}
