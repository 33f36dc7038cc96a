#!/usr/bin/env bash
# A throw-away PostgreSQL on 127.0.0.1: primary, standby, failover, PgBouncer. Everything lies in DIR.
#
#   pg-cluster.sh start    DIR          make and start a primary; prints its address
#   pg-cluster.sh standby  DIR          make a standby of it and start streaming; prints its address
#   pg-cluster.sh promote  DIR          make the standby the primary
#   pg-cluster.sh crash    DIR [NODE]   SIGKILL every process of NODE (primary, standby), as a power cut would
#   pg-cluster.sh restart  DIR [NODE]   start NODE again and wait until it answers
#   pg-cluster.sh pause    DIR [NODE]   SIGSTOP it, as a machine that hangs; `resume` lets it go on
#   pg-cluster.sh bouncer  DIR          PgBouncer in transaction mode before the primary; prints its address
#   pg-cluster.sh stop     DIR          stop everything and delete DIR
#
#   PG_BIN=…     the server's programs; otherwise the newest below /usr/lib/postgresql
#   PG_FAST=1    nothing is synced to the disk, for tests that never crash the server
#   PG_SYNC=1    (standby) a commit waits for the standby
#
# The server refuses to run as root; started by root, it runs as the user postgres.
set -euo pipefail

command=${1:-help}
folder=${2:-}
node=${3:-primary}
if [[ "$command" == help || -z "$folder" ]]; then
  sed -n '2,19p' "$0"
  exit 2
fi

programs=${PG_BIN:-$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2> /dev/null | sort -V | tail -n 1)}
if [[ ! -x "$programs/initdb" ]]; then
  echo 'PostgreSQL is not installed here: npm run setup:test' >&2
  exit 1
fi
user=$(id -un)
as_user=()
if [[ "$(id -u)" -eq 0 ]]; then
  user=postgres
  as_user=(setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/tmp)
fi
run() { (cd / && "${as_user[@]}" "$@"); }
if [[ "$command" == start ]]; then
  mkdir -p "$folder"
  # A folder below one that only root may enter: the server's files lie elsewhere, and DIR leads there.
  if ! run test -x "$(cd "$folder" && pwd)"; then
    rmdir "$folder"
    ln -s "$(mktemp -d)" "$folder"
  fi
fi
given=$folder
folder=$(cd "$folder" && pwd -P)

free_port() { node -e 'const server = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close() })'; }
port() { cat "$folder/$1.port"; }
address() { echo "postgresql://tutti:tutti@127.0.0.1:$(port "$1")/tutti"; }
query() { run "$programs/psql" -h "$folder/run" -p "$(port "$1")" -U postgres -d postgres -v ON_ERROR_STOP=1 -qAtX -c "$2"; }
up() { run "$programs/pg_ctl" -D "$folder/$1" -s -w -t 60 -l "$folder/$1.log" -o "-p $(port "$1")" start; }
server_pid() { head -n 1 "$folder/$1/postmaster.pid" 2> /dev/null || true; }
bouncer_pid() { cat "$folder/bouncer.pid" 2> /dev/null || true; }
lives() { [[ -n "$1" ]] && kill -0 "$1" 2> /dev/null; }
# A process and all below it: the server starts one for each connection.
tree() {
  local child
  echo "$1"
  for child in $(cat "/proc/$1/task/$1/children" 2> /dev/null); do tree "$child"; done
}

case $command in
  start)
    mkdir -p "$folder/primary" "$folder/run"
    chmod 700 "$folder/primary"
    if [[ "$user" != "$(id -un)" ]]; then chown "$user" "$folder" "$folder/primary" "$folder/run"; fi
    free_port > "$folder/primary.port"
    run "$programs/initdb" -D "$folder/primary" -U postgres --auth-local=trust --auth-host=scram-sha-256 \
      --encoding=UTF8 --locale=C.UTF-8 --no-sync > "$folder/initdb.log"
    {
      echo "listen_addresses = '127.0.0.1'"
      echo "unix_socket_directories = '$folder/run'"
      echo 'max_connections = 200'
      echo 'wal_level = replica'
      echo 'shared_buffers = 128MB'
      echo 'log_min_messages = warning'
      if [[ "${PG_FAST:-}" == 1 ]]; then printf 'fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n'; fi
    } >> "$folder/primary/postgresql.conf"
    echo 'host replication all 127.0.0.1/32 scram-sha-256' >> "$folder/primary/pg_hba.conf"
    up primary
    query primary "create role tutti superuser login replication password 'tutti'"
    query primary 'create database tutti owner tutti'
    address primary
    ;;
  standby)
    free_port > "$folder/standby.port"
    PGPASSWORD=tutti run "$programs/pg_basebackup" -d "host=127.0.0.1 port=$(port primary) user=tutti application_name=standby" \
      -D "$folder/standby" -R -X stream -c fast -C -S standby --no-sync
    up standby
    if [[ "${PG_SYNC:-}" == 1 ]]; then
      query primary "alter system set synchronous_standby_names = 'FIRST 1 (standby)'"
      query primary 'select pg_reload_conf()' > /dev/null
    fi
    for _ in $(seq 100); do
      if [[ "$(query primary "select count(*) from pg_stat_replication where state = 'streaming'")" != 0 ]]; then break; fi
      sleep 0.1
    done
    address standby
    ;;
  promote)
    run "$programs/pg_ctl" -D "$folder/standby" -s -w promote
    query standby 'alter system reset synchronous_standby_names'
    query standby 'select pg_reload_conf()' > /dev/null
    address standby
    ;;
  crash)
    pid=$(server_pid "$node")
    mapfile -t all < <(tree "$pid")
    # Stopped first, so that none of them notices the end of another.
    kill -STOP "${all[@]}" 2> /dev/null || true
    kill -KILL "${all[@]}" 2> /dev/null || true
    for _ in $(seq 100); do
      if ! lives "$pid"; then break; fi
      sleep 0.05
    done
    ;;
  restart)
    up "$node"
    ;;
  pause)
    mapfile -t all < <(tree "$(server_pid "$node")")
    kill -STOP "${all[@]}"
    ;;
  resume)
    mapfile -t all < <(tree "$(server_pid "$node")")
    kill -CONT "${all[@]}"
    ;;
  bouncer)
    bouncer=$(command -v pgbouncer || echo /usr/sbin/pgbouncer)
    free_port > "$folder/bouncer.port"
    echo '"tutti" "tutti"' > "$folder/bouncer.users"
    cat > "$folder/bouncer.ini" << INI
[databases]
* = host=127.0.0.1 port=$(port primary)
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $(port bouncer)
unix_socket_dir =
auth_type = plain
auth_file = $folder/bouncer.users
admin_users = tutti
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 4
ignore_startup_parameters = extra_float_digits
logfile = $folder/bouncer.log
pidfile = $folder/bouncer.pid
INI
    if [[ "$user" != "$(id -un)" ]]; then chown "$user" "$folder"/bouncer.*; fi
    run "$bouncer" -q -d "$folder/bouncer.ini"
    for _ in $(seq 50); do
      if PGPASSWORD=tutti "$programs/psql" -h 127.0.0.1 -p "$(port bouncer)" -U tutti -d pgbouncer -qAtXc 'show version' > /dev/null 2>&1; then break; fi
      sleep 0.1
    done
    address bouncer
    ;;
  stop)
    pid=$(bouncer_pid)
    if lives "$pid"; then kill "$pid"; fi
    for each in standby primary; do
      pid=$(server_pid "$each")
      if ! lives "$pid"; then continue; fi
      mapfile -t all < <(tree "$pid")
      kill -CONT "${all[@]}" 2> /dev/null || true
      run "$programs/pg_ctl" -D "$folder/$each" -s -m immediate -t 30 stop || true
    done
    rm -rf "$folder"
    # What is left of DIR when it led elsewhere.
    rm -f "${given%/}"
    ;;
  *)
    sed -n '2,19p' "$0"
    exit 2
    ;;
esac
