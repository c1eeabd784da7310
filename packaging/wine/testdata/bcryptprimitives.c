/*
 * ProcessPrng for a wine that lacks it. Go's runtime takes its random numbers from bcryptprimitives.dll on Windows and does not start
 * without it; Debian's wine 8.0 has no such library. This one is built for the test's own prefix and goes no further: no release has it.
 */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
    return RtlGenRandom(data, (ULONG)size);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    (void)instance; (void)reason; (void)reserved;
    return TRUE;
}
