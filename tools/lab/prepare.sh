# Sourced by run: fetches and builds what the suites need into out/. Debian, root; nothing of Debian's is installed but tools.

need() { # PROGRAM PACKAGE
  command -v "$1" >/dev/null || PATH=$PATH:/usr/sbin command -v "$1" >/dev/null || missing+=("$2")
}
missing=()
need qemu-system-x86_64 qemu-system-x86
need gcc gcc
need cpio cpio
need depmod kmod
need mkfs.ext4 e2fsprogs
[[ " $* " != *" systemd "* ]] || need mmdebstrap mmdebstrap
[ ${#missing[@]} = 0 ] || DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
PATH=$PATH:/usr/sbin:/sbin
mkdir -p out/deb

# Debian's kernel and busybox, unpacked and not installed. KERNEL_PKG names another kernel than the present one.
if [ ! -s out/vmlinux ]; then
  kernel=${KERNEL_PKG:-$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: //p' | head -1)}
  (cd out/deb && apt-get -o APT::Sandbox::User=root download "$kernel" busybox-static)
  rm -rf out/kernel out/busybox
  dpkg -x out/deb/linux-image-*.deb out/kernel
  dpkg -x out/deb/busybox-static_*.deb out/busybox
  # The kernel proper, from inside its self-unpacking image: it boots some seconds sooner in an emulator.
  image=(out/kernel/boot/vmlinuz-*)
  offset=$(LC_ALL=C grep -abo -P '\xfd7zXZ\x00' "${image[0]}" | head -1 | cut -d: -f1)
  tail -c "+$((offset + 1))" "${image[0]}" | xz -dc >out/vmlinux.new 2>/dev/null || true # the rest of the image follows the data
  [ -s out/vmlinux.new ] || { echo "lab: no kernel in ${image[0]}" >&2; exit 1; }
  mv out/vmlinux.new out/vmlinux
fi
release=$(basename out/kernel/lib/modules/*)
[ -s "out/kernel/lib/modules/$release/modules.dep" ] || depmod -b out/kernel "$release"

# modules_to ROOT: the modules that the suites use, with those that they need.
modules_to() {
  local name file
  for name in virtio_pci virtio_console virtio_rng virtio_blk ext4 crc32c_generic usblp vhci-hcd veth; do
    modprobe -d out/kernel -S "$release" --show-depends "$name" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
  done | sort -u | while read -r file; do
    install -D -m 644 "$file" "$1/lib/modules/$release/${file#*"/$release/"}"
  done
  cp out/kernel/lib/modules/"$release"/modules.{order,builtin,builtin.modinfo} "$1/lib/modules/$release/"
  depmod -b "$1" "$release"
}

# The initrd: busybox, modules, the agent, the program under test.
build_initrd() {
  local root=out/root applet
  rm -rf "$root"
  mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,tmp,etc,mnt,root,var}
  cp out/busybox/bin/busybox "$root/bin/"
  for applet in $("$root/bin/busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
  modules_to "$root"
  printf 'root:x:0:0:root:/root:/bin/sh\nlp:x:7:7:lp:/:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nlp:x:7:\n' >"$root/etc/group"
  printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
  CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$root/init" ./guest
  CGO_ENABLED=0 go build -C ../.. -trimpath -ldflags "-s -w" -o "$PWD/$root/bin/receiptd" ./cmd/receiptd
  (cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >out/initrd
}
build_initrd
[ out/modemlines.so -nt shim/modemlines.c ] || gcc -shared -fPIC -O2 -Wall -o out/modemlines.so shim/modemlines.c -ldl

# The system of the suite systemd: Debian as it comes, on a disk; and the two packages.
old_commit=5fe9260
system() {
  if [ ! -s out/system.tar ] || ! tar -tf out/system.tar ./usr/sbin/mosquitto >/dev/null 2>&1; then
    mmdebstrap --format=tar --variant=minbase --include=systemd,systemd-sysv,udev,dbus,kmod,procps,iproute2,mosquitto bookworm out/system.tar.new
    mv out/system.tar.new out/system.tar
  fi
  if [ ! out/system.img -nt out/system.tar ]; then
    rm -rf out/system
    mkdir out/system
    tar -x -C out/system -f out/system.tar
    modules_to out/system
    # Nothing but what a service needs: no console to wait for, no timers that wake an emulated machine.
    ln -sf /dev/null out/system/etc/systemd/system/serial-getty@.service
    rm -f out/system/etc/systemd/system/timers.target.wants/* out/system/usr/lib/systemd/system/timers.target.wants/*
    echo lab >out/system/etc/hostname
    : >out/system/etc/fstab
    rm -f out/system.img
    truncate -s 1500M out/system.img
    mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1 -d out/system out/system.img
    rm -rf out/system
  fi
}
packages() {
  local arch
  arch=$(go env GOARCH)
  if [ ! -s out/old.deb ]; then
    git cat-file -e "$old_commit^{commit}" 2>/dev/null || { echo "lab: the suite systemd upgrades from commit $old_commit: fetch the whole history" >&2; exit 1; }
    rm -rf out/old
    mkdir -p out/old/src
    git -C ../.. archive "$old_commit" | tar -x -C out/old/src
    SOURCE_DATE_EPOCH=1700000000 out/old/src/packaging/build.sh 0.9.0 "$arch" deb "$PWD/out/old/deb"
    mv out/old/deb/*.deb out/old.deb
    rm -rf out/old
  fi
  rm -rf out/new
  COMPRESSION=gzip ../../packaging/build.sh 9.9.9 "$arch" deb "$PWD/out/new"
  mv out/new/*.deb out/new.deb
}
[[ " $* " != *" systemd "* ]] || packages
[[ " $* " != *" systemd "* ]] || system
