#!/bin/busybox sh
# What does the guest do before it takes orders? The first process of the virtual machine: devices, modules, this machine's disk.
#
# Orders come as numbers on the second serial line: the script of that number lies in the shared folder, and so do its answers.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs devtmpfs /dev

for module in /modules/*; do
    # One radio for each access point, one for the station, one that belongs to a stranger.
    case $module in *mac80211_hwsim*) radios=radios=4 ;; *) radios= ;; esac
    $b insmod "$module" $radios || echo "guest: $module was refused"
done

options=trans=virtio,version=9p2000.L,msize=262144
$b mount -t 9p -o $options,ro,cache=loose host /root
# Nothing is laid over /tmp: this project may lie there.
$b mount -t tmpfs tmpfs /root/run
for folder in proc sys dev; do $b mount --bind /$folder /root/$folder; done
$b mount -t debugfs debugfs /root/sys/kernel/debug
$b mkdir /root/run/shared
$b mount -t 9p -o $options shared /root/run/shared

exec $b chroot /root /bin/sh -c '
    export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 TMPDIR=/run
    exec </dev/ttyS1 >/dev/ttyS1
    stty raw -echo
    ip link set lo up
    echo ready
    cd /run/shared
    while read -r number; do
        (
            sh "$number.sh" >"$number.out" 2>"$number.err" </dev/null
            echo "$number $?"
        ) &
    done
'
