# shellcheck shell=bash
# Turns a fresh Debian into what hosts boot from. Run by bash inside the root, as `… SUITE`.

suite=$1

# `*` and not `!`, which sshd without PAM takes for a locked account.
user() { useradd --password '*' "$@"; }
for name in deploy ops narrow expired closed; do user --create-home --shell /bin/bash "$name"; done
user --system --create-home --home-dir /var/lib/sidekiq --shell /usr/sbin/nologin sidekiq
chage --expiredate 1 expired
chown root:root /home/closed
chmod 700 /home/closed

chmod 440 /etc/sudoers.d/lab
visudo -c
chmod 755 /usr/local/bin/*

# Every host gets a key, a name and an identity of its own.
rm -f /etc/ssh/ssh_host_* /etc/hostname /etc/machine-id
# Nobody is asked: there is no other network.
: >/etc/resolv.conf
# New in OpenSSH 9.8: tests are refused on purpose, and again and again.
case $suite in
    trixie) echo 'PerSourcePenalties no' | tee -a /etc/ssh/sshd_config.d/lab.conf >>/etc/ssh/sshd_config_nopam ;;
esac

systemctl set-default multi-user.target
systemctl enable ssh-nopam.service
# What only makes a boot slow, or runs at an hour of its own.
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer systemd-tmpfiles-clean.timer systemd-pstore.service systemd-networkd-wait-online.service \
    systemd-timesyncd.service getty@.service console-getty.service dev-hugepages.mount
case $suite in
    bookworm) systemctl disable redis-server.service ;;
esac

apt-get clean
rm -rf /var/lib/apt/lists/* /usr/share/doc/* /usr/share/man/*
