// The settings of an SMPP supplier, in the form in which they are used.
import type { Setting, Settings } from '../supplier.ts'
import { type DefaultAlphabet, defaultAlphabets } from './text/coding.ts'

export type SmppOptions = {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  /** The only authorities whose certificates are accepted; null: those that everybody accepts. */
  readonly authorities: string | null
  readonly systemId: string
  readonly password: string
  readonly systemType: string
  readonly addressRange: string
  readonly bind: 'receiver' | 'transceiver'
  /** Connections at a time, of all nodes together. */
  readonly binds: number
  /** What may wait for its acknowledgement on a connection. */
  readonly window: number
  readonly usualAlphabet: DefaultAlphabet
}

const plainPort = 2775
const tlsPort = 3550
const maxBinds = 8
const maxWindow = 1_000

/** The longest texts of a bind (section 4.1.1), without the NUL. */
const maxSystemId = 15
const maxSystemType = 12
const maxAddressRange = 40
/** @NOTE the standard has 8 characters, and many an SMSC takes longer passwords */
const maxPassword = 64

const isPlain = (value: string, max: number) => value.length <= max && /^[\x20-\x7e]*$/.test(value)

const plainCheck = (max: number) => (value: string) =>
  isPlain(value, max) ? null : `must have at most ${max} characters, of ASCII`

const countCheck = (max: number) => (value: string) =>
  /^\d{1,4}$/.test(value) && Number(value) >= 1 && Number(value) <= max
    ? null
    : `must be a number from 1 to ${max}`

export const smppSettings: readonly Setting[] = [
  {
    key: 'url',
    label: 'Address of the SMSC',
    help: `smpp://HOST:PORT (port ${plainPort} by default), or smpps://HOST:PORT with TLS (${tlsPort}).`,
    isSecret: false,
    isRequired: true,
    check: (value) =>
      addressIn(value) ? null : 'must look like smpp://smsc.example.com:2775 or smpps://...',
  },
  {
    key: 'system_id',
    label: 'system_id',
    help: 'The user name of the bind.',
    isSecret: false,
    isRequired: true,
    check: plainCheck(maxSystemId),
  },
  {
    key: 'password',
    label: 'password',
    help: 'The password of the bind.',
    isSecret: true,
    isRequired: true,
    check: plainCheck(maxPassword),
  },
  {
    key: 'system_type',
    label: 'system_type',
    help: 'If the SMSC asks for one.',
    isSecret: false,
    isRequired: false,
    check: plainCheck(maxSystemType),
  },
  {
    key: 'bind',
    label: 'Kind of bind',
    help: 'As the SMSC allows it. Numlet only receives in either.',
    isSecret: false,
    isRequired: false,
    default: 'transceiver',
    options: ['receiver', 'transceiver'],
  },
  {
    key: 'binds',
    label: 'Number of binds',
    help: `Connections at a time, of all servers together, 1 to ${maxBinds}.`,
    isSecret: false,
    isRequired: false,
    default: '1',
    check: countCheck(maxBinds),
  },
  {
    key: 'window',
    label: 'Window',
    help: `Messages that may wait for their acknowledgement on a bind, 1 to ${maxWindow}.`,
    isSecret: false,
    isRequired: false,
    default: '50',
    check: countCheck(maxWindow),
  },
  {
    key: 'default_alphabet',
    label: 'Default alphabet',
    help: 'What the SMSC means by data_coding 0.',
    isSecret: false,
    isRequired: false,
    default: 'gsm7',
    options: defaultAlphabets,
  },
  {
    key: 'address_range',
    label: 'address_range',
    help: 'Which numbers the bind receives for, if the SMSC asks for it.',
    isSecret: false,
    isRequired: false,
    check: plainCheck(maxAddressRange),
  },
  {
    key: 'ca',
    label: 'Certificate authority',
    help: 'With smpps: the only authority to trust, as a certificate in PEM, if the SMSC has its own.',
    isSecret: false,
    isRequired: false,
    check: (value) =>
      /^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----$/.test(value.trim())
        ? null
        : 'must be a certificate in PEM',
  },
]

/** The settings of a supplier; they were checked when an operator gave them. */
export function smppOptions(settings: Settings): SmppOptions {
  const address = addressIn(settings.url ?? '')
  if (!address) throw new Error('the setting url is missing or wrong')
  return {
    ...address,
    authorities: settings.ca ?? null,
    systemId: settings.system_id ?? '',
    password: settings.password ?? '',
    systemType: settings.system_type ?? '',
    addressRange: settings.address_range ?? '',
    bind: settings.bind === 'receiver' ? 'receiver' : 'transceiver',
    binds: Number(settings.binds ?? 1),
    window: Number(settings.window ?? 50),
    usualAlphabet: defaultAlphabets.find((one) => one === settings.default_alphabet) ?? 'gsm7',
  }
}

type Address = Pick<SmppOptions, 'host' | 'port' | 'isTls'>

function addressIn(text: string): Address | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const isTls = url.protocol === 'smpps:'
  if (!isTls && url.protocol !== 'smpp:') return null
  const isBare = /^\/?$/.test(url.pathname) && !url.search && !url.hash && !url.username
  if (!isBare || url.hostname === '' || url.port === '0') return null
  // An address of IPv6 is written in brackets, and used without.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: url.port === '' ? (isTls ? tlsPort : plainPort) : Number(url.port), isTls }
}
