#!/bin/sh
# For smstools: `eventhandler = /usr/local/lib/numlet/eventhandler.sh` hands each received message to Numlet.
#
# smsd passes the event and the file of the message; the name of its modem is the one in modems.conf. See
# deliver.sh, which must be in the same folder (or in ../modems), and docs/suppliers/smstools.md.
set -eu

event=${1-} file=${2-}
# Sent messages, reports and calls do not matter.
[ "$event" = RECEIVED ] || exit 0

here=$(dirname -- "$0")
deliver=$here/deliver.sh
[ -x "$deliver" ] || deliver=$here/../modems/deliver.sh

# The lines before the first empty one.
headers() {
  LC_ALL=C sed '/^$/q' -- "$file"
}

header() {
  headers | WANTED=$1 LC_ALL=C awk '
    { at = index($0, ":") }
    tolower(substr($0, 1, at)) == tolower(ENVIRON["WANTED"] ":") {
      value = substr($0, at + 1); gsub(/^[ \t]+|[ \t]+$/, "", value); print value; exit
    }
  '
}

body() {
  tail -c "+$(($(headers | wc -c) + 1))" -- "$file"
}

utf8_from() {
  body | iconv -f "$1" -t UTF-8
}

text() {
  case $(header Alphabet | tr '[:upper:]' '[:lower:]') in
    utf-8 | utf8) body ;;
    ucs2 | ucs-2 | unicode) utf8_from UTF-16BE ;;
    *) utf8_from ISO-8859-15 ;;
  esac
}

sender=$(header From)
# International numbers are written without their plus.
case $(header From_TOA):$sender in
  91*:*[!0-9]* | 91*:) ;;
  91*) sender=+$sender ;;
esac
modem=$(header Modem)

# Binary messages have no text, and what smsd could not decode has one of its own.
case $(header Error):$(header Alphabet | tr '[:upper:]' '[:lower:]') in
  ?*:* | :binary | :8bit) exit 0 ;;
esac
text | "$deliver" "$modem" "$sender"
