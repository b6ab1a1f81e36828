// An authenticator in software: P-256 keys, signatures over what a browser says, and CBOR of its own.
// https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest()
const base64url = (data: Buffer | string) => Buffer.from(data).toString('base64url')

type Cbor = number | string | Buffer | readonly Cbor[] | ReadonlyMap<Cbor, Cbor>

/** https://www.rfc-editor.org/rfc/rfc8949, as far as keys and attestations need it. */
export function cbor(value: Cbor): Buffer {
  const head = (major: number, size: number) => {
    if (size < 24) return Buffer.from([(major << 5) | size])
    if (size < 256) return Buffer.from([(major << 5) | 24, size])
    return Buffer.from([(major << 5) | 25, size >> 8, size & 255])
  }
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return Buffer.concat([head(3, bytes.length), bytes])
  }
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  if (value instanceof Map)
    return Buffer.concat([
      head(5, value.size),
      ...[...value].flatMap(([name, one]) => [cbor(name), cbor(one)]),
    ])
  const all = value as readonly Cbor[]
  return Buffer.concat([head(4, all.length), ...all.map(cbor)])
}

type Asked = { readonly challenge: string }
type Creation = Asked & {
  readonly rp: { readonly id: string }
  readonly user: { readonly id: string }
}
type Request = Asked & { readonly rpId: string }

/** What may be wrong with an answer. */
export type Wrongs = {
  origin?: string
  type?: string
  host?: string
  challenge?: string
  /** Whether the user is there, and has shown who they are. */
  isPresent?: boolean
  isVerified?: boolean
  counter?: number
  userHandle?: string | null
  /** The statement of the authenticator's maker, in place of none. */
  attestation?: { fmt: string; statement: ReadonlyMap<Cbor, Cbor> }
  isOtherKey?: boolean
}

/** An authenticator with one passkey at most. @param origin of the page that uses it */
export function authenticator(origin: string, { counts = false } = {}) {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = pair()
  const id = randomBytes(16)
  let counter = 0
  let handle = base64url(randomBytes(32))

  const clientData = (type: string, asked: Asked, wrongs: Wrongs) =>
    Buffer.from(
      JSON.stringify({
        type: wrongs.type ?? type,
        challenge: wrongs.challenge ?? asked.challenge,
        origin: wrongs.origin ?? origin,
        crossOrigin: false,
      }),
    )
  const authData = (host: string, wrongs: Wrongs, key: Buffer = Buffer.alloc(0)) => {
    const { isPresent = true, isVerified = true } = wrongs
    if (counts) counter++
    const flags = (isPresent ? 1 : 0) | (isVerified ? 4 : 0) | (key.length > 0 ? 64 : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(wrongs.counter ?? counter)
    return Buffer.concat([sha256(wrongs.host ?? host), Buffer.from([flags]), count, key])
  }
  const common = { id: base64url(id), rawId: base64url(id), type: 'public-key' as const }

  return {
    id: common.id,
    create(options: Creation, wrongs: Wrongs = {}) {
      handle = options.user.id
      const size = Buffer.from([id.length >> 8, id.length & 255])
      const key = Buffer.concat([Buffer.alloc(16), size, id, coseKey(keys.publicKey)])
      const { fmt = 'none', statement = new Map() } = wrongs.attestation ?? {}
      const attestation = new Map<Cbor, Cbor>([
        ['fmt', fmt],
        ['attStmt', statement],
        ['authData', authData(options.rp.id, wrongs, key)],
      ])
      return {
        ...common,
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', options, wrongs)),
          attestationObject: base64url(cbor(attestation)),
          transports: ['internal'],
        },
        clientExtensionResults: {},
      }
    },
    get(options: Request, wrongs: Wrongs = {}) {
      const client = clientData('webauthn.get', options, wrongs)
      const data = authData(options.rpId, wrongs)
      const key = wrongs.isOtherKey ? pair().privateKey : keys.privateKey
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), key)
      return {
        ...common,
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(data),
          signature: base64url(signature),
          userHandle: wrongs.userHandle === undefined ? handle : wrongs.userHandle,
        },
        clientExtensionResults: {},
        authenticatorAttachment: 'platform',
      }
    },
  }
}

/** A P-256 key for ES256: https://www.rfc-editor.org/rfc/rfc9053#section-7.1.1 */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return cbor(
    new Map<Cbor, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  )
}

/** A certificate, as far as its readers come, that says where the list of those revoked is. */
export function certificateNaming(url: string): Buffer {
  const tlv = (tag: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts)
    const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255]
    return Buffer.concat([Buffer.from([tag, ...size]), body])
  }
  const oid = (...bytes: number[]) => tlv(6, Buffer.from(bytes))
  const algorithm = tlv(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2))
  const name = tlv(0x30)
  const time = tlv(0x17, Buffer.from('300101000000Z'))
  const point = tlv(0x30, tlv(0xa0, tlv(0xa0, tlv(0x86, Buffer.from(url)))))
  const extension = tlv(0x30, oid(0x55, 0x1d, 0x1f), tlv(4, tlv(0x30, point)))
  const curve = tlv(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1))
  const key = tlv(0x30, curve, tlv(3, Buffer.alloc(66)))
  const facts = tlv(
    0x30,
    ...[tlv(0xa0, tlv(2, Buffer.from([2]))), tlv(2, Buffer.from([1])), algorithm, name],
    ...[tlv(0x30, time, time), name, key, tlv(0xa3, tlv(0x30, extension))],
  )
  return tlv(0x30, facts, algorithm, tlv(3, Buffer.alloc(9)))
}
