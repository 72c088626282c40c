#!/bin/sh
# Runs the battery of hostile programs in a virtual machine with cgroup v2 alone, once as root and once as an ordinary
# user, each in a cgroup that was delegated to it: `battery.sh [arguments of smith-battery]…`. Its kernel is that of
# Debian stable, so that it also shows what older Landlock holds. Needs Debian on x86-64 with qemu-system-x86, cpio and
# python3; the kernel and busybox are fetched by apt and not installed. It takes about four minutes, since the machine is
# emulated, and is no part of CI. The exit code is 0 when everything held.
set -eu
[ $# -gt 0 ] || set -- --tier namespaces --patience 6 --only memory_hog --only memory_shared --only memory_family \
    --only memory_headless --only fork_bomb --only thread_bomb --only daemon_writes_on --only children_left
crate=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root" "$work/packages"

cd "$crate"
cargo build --quiet --features testing --bin smith-battery
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')

cd "$work/packages"
kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p')
apt-get download --quiet --quiet "$kernel" busybox-static
for package in *.deb; do dpkg -x "$package" .; done

# The file system: this machine's Python and its libraries at the same paths.
cd "$root"
mkdir -p bin dev etc proc sys tmp usr/bin usr/lib usr/lib64
for folder in lib lib64; do if [ -L "/$folder" ]; then ln -s "usr/$folder" .; fi; done
cp "$work"/packages/bin/busybox bin/
cp /bin/bash bin/bash
cp "$target/debug/smith-battery" usr/bin/
version=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
python=$(readlink -f /usr/bin/python3)
cp "$python" usr/bin/ && ln -s "$(basename "$python")" usr/bin/python3

cp -r "/usr/lib/$version" usr/lib/
rm -rf "usr/lib/$version/test" "usr/lib/$version"/config-*
mkdir -p ".$crate" && cp -r "$crate/battery" ".$crate/"
find bin usr -type f \( -perm -u+x -o -name '*.so' \) -exec ldd {} \; 2>/dev/null |
    sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p' | sort -u | while read -r library; do
    mkdir -p ".$(dirname "$library")" && cp -L "$library" ".$library"
done
printf 'root:x:0:0::/:/bin/sh\n' >etc/passwd

cat >init <<'INIT'
#!/bin/busybox sh
# A program cannot leave the root that a kernel begins with, so that everything is moved to another one.
export PATH=/bin:/usr/bin
/bin/busybox --install -s /bin
mkdir /moved && mount -t tmpfs -o size=90%,mode=755 moved /moved
for name in bin dev etc lib lib64 proc sys tmp usr work* home* root* start; do
    if [ -e "/$name" ]; then cp -a "/$name" /moved/; fi
done
exec switch_root /moved /start
INIT
cat >start <<'START'
#!/bin/sh
export PATH=/bin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm && mount -t tmpfs shm /dev/shm
chmod 1777 /tmp /dev/shm
ip link set lo up
mount -t securityfs security /sys/kernel/security
mount -t cgroup2 cgroups /sys/fs/cgroup
echo '+memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
echo "kernel $(uname -r), $(cat /sys/kernel/security/lsm)"
failed=0
for user in 0 65534; do
    group=/sys/fs/cgroup/user-$user
    mkdir $group
    chown $user $group $group/cgroup.procs $group/cgroup.subtree_control $group/cgroup.threads
    echo "== as user $user"
    sh -c "echo \$\$ >$group/cgroup.procs; exec smith-battery --as-user $user $(cat /arguments)" || failed=1
    # Everything is as it was: nobody in it, nothing below it, no controllers passed on.
    if ! rmdir $group; then echo "$group is not empty"; failed=1; fi
done
echo "battery: $failed"
poweroff -f
START
chmod +x init start
sed -i 's/ start; do/ start arguments; do/' init
echo "$*" >arguments
find . | cpio --quiet -o -H newc | gzip -1 >"$work/initrd"

timeout 1800 qemu-system-x86_64 -machine accel=tcg -cpu max -smp 2 -m 3G -nographic -no-reboot -nodefaults \
    -serial stdio -kernel "$work"/packages/boot/vmlinuz-* -initrd "$work/initrd" \
    -append 'console=ttyS0 quiet panic=-1' </dev/null | tr -d '\r' | tee "$work/console"
grep -q '^battery: 0$' "$work/console"
