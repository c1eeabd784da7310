/*
 * Stands in for Windows' curl.exe, which wine does not have: writes each word of its command line into a line of its own, so that a
 * test sees what the real one would be given by cmd.exe and the C runtime.
 */
#include <stdio.h>
#include <wchar.h>

int wmain(int argc, wchar_t **argv)
{
    for (int i = 1; i < argc; i++)
        printf("%ls\n", argv[i]);
    return 0;
}
