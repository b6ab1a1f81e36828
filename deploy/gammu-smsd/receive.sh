#!/bin/sh
# For gammu-smsd: `RunOnReceive = /usr/local/lib/numlet/receive.sh` hands each received message to Numlet.
#
# gammu-smsd passes the message in the environment; its PhoneID is the name of the modem in modems.conf. See
# deliver.sh, which must be in the same folder (or in ../modems), and docs/suppliers/gammu.md.
set -eu

here=$(dirname -- "$0")
deliver=$here/deliver.sh
[ -x "$deliver" ] || deliver=$here/../modems/deliver.sh

# A number of the environment; 0 if it is none.
count() {
  case ${1:-0} in
    *[!0-9]* | ????*) echo 0 ;;
    *) echo "$1" ;;
  esac
}

text=
# The text of the whole message, if gammu could put it together. Versions count from 0 or from 1.
parts=$(count "${DECODED_PARTS:-0}")
i=0
while [ "$i" -le "$parts" ]; do
  eval "text=\$text\${DECODED_${i}_TEXT-}"
  i=$((i + 1))
done
# Otherwise the texts of the messages that it consists of.
if [ -z "$text" ]; then
  messages=$(count "${SMS_MESSAGES:-0}")
  i=1
  while [ "$i" -le "$messages" ]; do
    eval "text=\$text\${SMS_${i}_TEXT-}"
    i=$((i + 1))
  done
fi

# Pictures and settings have no text.
[ -n "$text" ] || exit 0
printf %s "$text" | "$deliver" "${PHONE_ID-}" "${SMS_1_NUMBER-}"
