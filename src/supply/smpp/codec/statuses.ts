// The values of command_status that Numlet sends or explains (SMPP 3.4, section 5.1.3).

export const statuses = {
  ESME_ROK: { code: 0x00, meaning: 'no error' },
  ESME_RINVMSGLEN: { code: 0x01, meaning: 'the message has a wrong length' },
  ESME_RINVCMDLEN: { code: 0x02, meaning: 'the command has a wrong length' },
  ESME_RINVCMDID: { code: 0x03, meaning: 'the command is unknown' },
  ESME_RINVBNDSTS: { code: 0x04, meaning: 'the command does not fit this bind' },
  ESME_RALYBND: { code: 0x05, meaning: 'this system_id is bound already' },
  ESME_RSYSERR: { code: 0x08, meaning: 'the SMSC has an internal error' },
  ESME_RINVSRCADR: { code: 0x0a, meaning: 'the source address is wrong' },
  ESME_RINVDSTADR: { code: 0x0b, meaning: 'the destination address is wrong' },
  ESME_RBINDFAIL: { code: 0x0d, meaning: 'the bind failed' },
  ESME_RINVPASWD: { code: 0x0e, meaning: 'the password is wrong' },
  ESME_RINVSYSID: { code: 0x0f, meaning: 'the system_id is wrong' },
  ESME_RMSGQFUL: { code: 0x14, meaning: 'the queue of messages is full' },
  ESME_RINVSYSTYP: { code: 0x53, meaning: 'the system_type is wrong' },
  ESME_RTHROTTLED: { code: 0x58, meaning: 'too much at once' },
  ESME_RX_T_APPN: { code: 0x64, meaning: 'not possible now' },
  ESME_RX_P_APPN: { code: 0x65, meaning: 'not possible' },
  ESME_RX_R_APPN: { code: 0x66, meaning: 'refused' },
  ESME_RUNKNOWNERR: { code: 0xff, meaning: 'an unknown error' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>

export type StatusName = keyof typeof statuses

/** The code of a status. */
export const statusCode = (name: StatusName): number => statuses[name].code

/** A status in words: `ESME_RINVPASWD (the password is wrong)`, or its number. */
export function statusText(code: number): string {
  const known = Object.entries(statuses).find(([, status]) => status.code === code)
  return known
    ? `${known[0]} (${known[1].meaning})`
    : `status 0x${code.toString(16).padStart(8, '0')}`
}
