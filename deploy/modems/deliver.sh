#!/bin/sh
# Hands a text message that a modem received to Numlet's callback. Needs a POSIX shell, awk and curl.
#
#   deliver.sh MODEM SENDER < TEXT    stores the message in the spool and sends it; returns at once
#   deliver.sh --send                 sends what is left in the spool (for cron, and after a restart)
#
# The settings are lines `name=value` in /etc/numlet/modems.conf, or in the file that NUMLET_MODEMS names:
#
#   url=https://numlet.example/api/callback
#   secret=nls_...                    of the supplier, as `numlet suppliers add` shows it
#   number.MODEM=+12015550123         the number of the SIM in each modem
#   spool=/var/spool/numlet           optional: where messages wait until Numlet has them
#
# A message stays in the spool until Numlet answered 200. It keeps its id, so that one that is sent twice is one
# message. What Numlet refuses as malformed is renamed to *.refused.
set -eu
umask 077

settings=${NUMLET_MODEMS:-/etc/numlet/modems.conf}
longest_pause=60
# A sender that has not touched its lock for this many minutes is gone.
stale_minutes=5

note() {
  if command -v logger >/dev/null 2>&1; then logger -t numlet-modems -- "$1" || :; fi
  printf '%s\n' "deliver.sh: $1" >&2
}

# The value of a setting; nothing if it is not there.
setting() {
  WANTED=$1= LC_ALL=C awk '
    { sub(/\r$/, "") }
    index($0, ENVIRON["WANTED"]) == 1 { print substr($0, length(ENVIRON["WANTED"]) + 1); exit }
  ' "$settings"
}

read_settings() {
  url=$(setting url)
  secret=$(setting secret)
  spool=$(setting spool)
  spool=${spool:-/var/spool/numlet}
  if [ -z "$url" ] || [ -z "$secret" ]; then
    note "$settings must have url= and secret="
    return 1
  fi
}

# Standard input as a JSON string. Bytes that are not ASCII are kept: the text is UTF-8.
json_string() {
  # The full stop keeps the line ends at the end, which awk would not see.
  { tr -d '\000'; printf .; } | LC_ALL=C awk '
    BEGIN {
      for (i = 1; i < 32; i++) as[sprintf("%c", i)] = sprintf("\\u%04x", i)
      as["\\"] = "\\\\"; as["\""] = "\\\""
      printf "\""
    }
    NR > 1 { printf "%s\\n", line }
    { line = ""
      for (i = 1; i <= length($0); i++) { c = substr($0, i, 1); line = line (c in as ? as[c] : c) } }
    END { printf "%s\"", substr(line, 1, length(line) - 1) }
  '
}

# Puts a message into the spool, whole or not at all.
store() {
  modem=$1 sender=$2
  number=$(setting "number.$modem")
  # A modem without a number: Numlet keeps its messages under the name of the modem.
  if [ -z "$number" ]; then
    note "$settings has no number for one of the modems"
    number=${modem:-unknown}
  fi
  id=modem-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  mkdir -p -- "$spool"
  file=$spool/$(date +%s)-$id
  {
    printf '{"event":"incoming_message","message":{"id":"%s","number":' "$id"
    printf '%.40s' "$number" | json_string
    printf ',"sender":'
    printf '%.100s' "$sender" | json_string
    printf ',"sms":'
    json_string
    printf '}}\n'
  } >"$file.new"
  mv -- "$file.new" "$file.json"
}

# Sends one message and prints the status of the answer. The secret is in no argument, which others could see.
post() {
  printf 'Authorization: Bearer %s\n' "$secret" |
    curl -q --silent --output /dev/null --write-out '%{http_code}' --max-time 20 --header @- \
      --header 'Content-Type: application/json' --data-binary "@$1" --url "$url"
}

# Sends everything once, oldest first. Fails if something is left.
send_all() {
  for file in "$spool"/*.json; do
    [ -e "$file" ] || continue
    status=$(post "$file") || :
    case $status in
      200) rm -f -- "$file" ;;
      400 | 413 | 415 | 422)
        note "a message was refused with status $status: $file.refused"
        mv -- "$file" "$file.refused" 2>/dev/null || :
        ;;
      *)
        # Another sender may have sent it meanwhile.
        [ -e "$file" ] || continue
        note "Numlet cannot be reached or refuses (status ${status:-000}); trying again"
        return 1
        ;;
    esac
    [ ! -d "$lock" ] || touch -- "$lock" 2>/dev/null || :
  done
}

take_lock() {
  [ -z "$(find "$lock" -prune -mmin "+$stale_minutes" 2>/dev/null)" ] || rmdir -- "$lock" 2>/dev/null || :
  mkdir -- "$lock" 2>/dev/null
}

# Sends everything. What cannot be sent is tried again until it can, by one process for all.
send() {
  while ! send_all; do
    take_lock || return 0
    trap 'rmdir -- "$lock" 2>/dev/null || :' EXIT
    trap 'exit 1' HUP INT TERM
    pause=1
    while sleep "$pause"; do
      # Perhaps what is wrong is in the settings, and somebody corrects it.
      read_settings || :
      ! send_all || break
      touch -- "$lock"
      pause=$((pause * 2 < longest_pause ? pause * 2 : longest_pause))
    done
    rmdir -- "$lock" 2>/dev/null || :
    trap - EXIT HUP INT TERM
    # A message may have come while the lock was still held.
  done
}

read_settings
lock=$spool/sending
case ${1-} in
  --send)
    mkdir -p -- "$spool"
    send
    ;;
  *)
    if [ $# -ne 2 ]; then
      printf 'usage: deliver.sh MODEM SENDER < TEXT, or deliver.sh --send\n' >&2
      exit 2
    fi
    store "$1" "$2"
    # In the background: the modem's program waits for this script.
    "$0" --send </dev/null >/dev/null 2>&1 &
    ;;
esac
