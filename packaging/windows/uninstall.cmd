@echo off
rem Removes receiptd from this machine. Configuration, journal and drop folder stay in ProgramData\receiptd.
setlocal
set "TARGET=%ProgramFiles%\receiptd"
"%TARGET%\receiptd.exe" service uninstall
if errorlevel 5 exit /b 1
del /q "%TARGET%\receiptd.exe" "%TARGET%\receiptd.toml"
if exist "%TARGET%\docs" rmdir /s /q "%TARGET%\docs"
if exist "%TARGET%\examples" rmdir /s /q "%TARGET%\examples"
rmdir "%TARGET%" 2>nul
exit /b 0
