#!/bin/sh
# What does a machine do before it is one? The first process of its namespaces runs this and stays.
# Arguments: its name, its resolv.conf, and kernel settings `path=value` (paths below /proc/sys).
set -e

# Mounts made here must not show on the host. In a chroot `/` is no mount point and cannot be made private by that name;
# entering one's own mount namespace leads to its true root, where it can.
nsenter --mount=/proc/self/ns/mnt mount --make-rprivate /

name=$1 resolver=$2
shift 2
echo "$name" > /proc/sys/kernel/hostname
mount -t tmpfs tmpfs /run
mkdir -p /run/lldpd /run/agentx
mount -t sysfs sysfs /sys

# resolv.conf may be a link into the /run that was just hidden, or absent: the place to mount on must exist.
place=$(readlink -f /etc/resolv.conf)
mkdir -p "${place%/*}"
[ -e "$place" ] || : > "$place"
mount --bind "$resolver" "$place"

for setting; do
    echo "${setting#*=}" > "/proc/sys/${setting%%=*}"
done
echo ready

# Not `exec sleep`: the shell's wait also reaps what others orphan.
sleep infinity &
wait
