@echo off
rem Installs receiptd on this machine: the program into Program Files, the service, the folders and a first configuration.
rem Run it as administrator (right button, "Run as administrator"). It may be run again, also over an older version:
rem configuration, journal and drop folder stay as they are.
setlocal
set "TARGET=%ProgramFiles%\receiptd"

if exist "%TARGET%\receiptd.exe" "%TARGET%\receiptd.exe" service stop >nul 2>&1
if not exist "%TARGET%" mkdir "%TARGET%"
copy /y "%~dp0receiptd.exe" "%TARGET%\receiptd.exe" >nul
if errorlevel 1 goto denied
xcopy "%~dp0docs" "%TARGET%\docs" /e /i /y /q >nul
xcopy "%~dp0examples" "%TARGET%\examples" /e /i /y /q >nul
copy /y "%~dp0receiptd.toml" "%TARGET%\receiptd.toml" >nul

"%TARGET%\receiptd.exe" service install
if errorlevel 1 goto failed
echo.
echo 1. "%TARGET%\receiptd.exe" printer scan
echo 2. notepad "%ProgramData%\receiptd\receiptd.toml"
echo 3. "%TARGET%\receiptd.exe" config check
echo 4. "%TARGET%\receiptd.exe" service start
exit /b 0

:denied
echo receiptd: %TARGET% cannot be written. Run install.cmd as administrator, and end any receiptd that is running. 1>&2
exit /b 9

:failed
echo receiptd: the service was not installed; what is missing stands above. 1>&2
exit /b 1
