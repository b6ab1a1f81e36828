// The attacks: everything that trials found to slow or stop the server, each as a loop that runs while
// `going` is true. They come from other networks than the innocent customers, as strangers do.
import { hostileMails } from '../test/mail/hostile-mails.ts'
import { client, pause, rawSocket, sendMail, type Target } from './hostile-wire.ts'

export type Attackers = {
  readonly target: Target
  /** The key of another account, which reads lists. */
  readonly readersKey: string
  /** Keys of one account. */
  readonly keys: readonly string[]
  /** Inboxes of one account, each with a costly pattern. */
  readonly inboxes: readonly string[]
  readonly going: () => boolean
}

/** A refused loop goes on after this time: 190 loops send some 400 requests a second that are all refused. */
const refusedMs = 500

type Attack = (attackers: Attackers, from: string) => Promise<void>

/** Every attack, by name. */
export const attacks: Readonly<Record<string, Attack>> = {
  'mail bombs': mailBombs,
  'costly patterns': costlyPatterns,
  'silent mail connections': silentMail,
  'dead name servers': deadNameServers,
  'oversize bodies': oversizeBodies,
  'broken uploads': brokenUploads,
  'slow senders': slowSenders,
  'many keys': manyKeys,
  'many readers': manyReaders,
  'many long polls': manyLongPolls,
  garbage,
}

async function mailBombs({ target, inboxes, going }: Attackers, from: string) {
  const all = hostileMails.map(({ raw }) => raw())
  const send = async (offset: number) => {
    for (let sent = offset; going(); sent++) {
      const to = inboxes[sent % inboxes.length] as string
      await sendMail(target, from, [to], all[sent % all.length] as string)
    }
  }
  await Promise.all([0, 5, 11].map(send))
}

async function costlyPatterns({ target, inboxes, going }: Attackers, from: string) {
  const body = `From: <a@example.com>\r\nSubject: a\r\n\r\n${'word '.repeat(4_000)}`
  for (let sent = 0; going(); sent++) {
    const unique = body.replace('Subject: a', `Subject: a${sent}`)
    await sendMail(target, from, inboxes.slice(0, 100), unique)
    await pause(100)
  }
}

async function silentMail({ target, going }: Attackers, from: string) {
  const addresses = [0, 1, 2, 3, 4].map((last) => from.replace(/\d+$/, String(10 + last)))
  while (going()) {
    const sockets = addresses.flatMap((one) =>
      Array.from({ length: 40 }, () => rawSocket(target.smtpPort, one)),
    )
    await pause(5_000)
    for (const socket of sockets) socket.destroy()
  }
}

async function deadNameServers({ target, keys, going }: Attackers, from: string) {
  const http = client(target, from)
  for (let asked = 0; going(); asked += 20) {
    const posts = Array.from({ length: 20 }, (_, n) => {
      const url = `https://h${asked + n}.dead.example.test/hook`
      return http.ask(
        'POST',
        '/v1/webhooks',
        keys[0] as string,
        JSON.stringify({ url, events: ['*'] }),
      )
    })
    await Promise.all(posts)
    await pause(100)
  }
  http.close()
}

const megabyte = 1024 * 1024

async function oversizeBodies({ target, going }: Attackers, from: string) {
  const http = client(target, from)
  const body = (size: number) => `{"service":"${'x'.repeat(size)}"}`
  const sizes = [0.2 * megabyte, 3 * megabyte, 20 * megabyte]
  for (let sent = 0; going(); sent++)
    await http.ask('POST', '/v1/orders', null, body(sizes[sent % sizes.length] as number))
  http.close()
}

async function brokenUploads({ target, keys, going }: Attackers, from: string) {
  const head = `POST /v1/orders HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${keys[0]}\r\n`
  while (going()) {
    const sockets = Array.from({ length: 20 }, () => {
      const socket = rawSocket(target.port, from)
      socket.write(`${head}content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"a`)
      return socket
    })
    await pause(200)
    for (const socket of sockets) socket.destroy()
  }
}

async function slowSenders({ target, going }: Attackers, from: string) {
  const starts = ['GET /v1/balance HTTP/1.1\r\n', 'POST /v1/orders HTTP/1.1\r\nhost: a\r\n']
  while (going()) {
    const sockets = Array.from({ length: 100 }, (_, n) => {
      const socket = rawSocket(target.port, from)
      socket.write(starts[n % starts.length] as string)
      return socket
    })
    for (let second = 0; second < 10 && going(); second++) {
      await pause(1_000)
      for (const socket of sockets) if (socket.writable) socket.write('x: y\r\n')
    }
    for (const socket of sockets) socket.destroy()
  }
}

async function manyKeys({ target, keys, going }: Attackers, from: string) {
  const http = client(target, from)
  const loop = async (key: string) => {
    while (going()) {
      const { status } = await http.ask('GET', '/v1/offers?limit=100', key)
      await pause(status === 429 ? refusedMs : 5)
    }
  }
  await Promise.all(keys.map(loop))
  http.close()
}

async function manyReaders({ target, readersKey: key, going }: Attackers, from: string) {
  const http = client(target, from)
  const paths: [string, string | null][] = [
    ['/fivesim/v1/guest/prices', null],
    ['/openapi.json', null],
    ['/docs', null],
    ['/metrics', null],
    [`/stubs/handler_api.php?action=getPricesExtended&api_key=${key}`, null],
    ['/otpzap/api/v1/products?limit=100', key],
    ['/v1/services', key],
  ]
  const loop = async (place: number) => {
    const [path, bearer] = paths[place % paths.length] as [string, string | null]
    while (going()) {
      const { status } = await http.ask('GET', path, bearer)
      await pause(status === 429 ? refusedMs : 5)
    }
  }
  await Promise.all(Array.from({ length: 40 }, (_, place) => loop(place)))
  http.close()
}

async function manyLongPolls({ target, keys, going }: Attackers, from: string) {
  const http = client(target, from)
  const loop = async (key: string) => {
    while (going()) {
      const { status } = await http.ask('GET', '/v1/orders/ord_00000000000?wait=5', key)
      await pause(status === 429 ? refusedMs : 20)
    }
  }
  await Promise.all(Array.from({ length: 100 }, (_, n) => loop(keys[n % keys.length] as string)))
  http.close()
}

async function garbage({ target, keys, going }: Attackers, from: string) {
  const http = client(target, from)
  const key = keys[1] as string
  const deep = `${'['.repeat(60_000)}${']'.repeat(60_000)}`
  const wide = `{${Array.from({ length: 9_000 }, (_, n) => `"k${n}":1`).join(',')}}`
  const bodies = [
    deep,
    wide,
    `{"service":"${'\\u0000'.repeat(20_000)}"}`,
    '{"a":'.repeat(25_000),
    '\xff'.repeat(1_000),
  ]
  for (let sent = 0; going(); sent++) {
    await http.ask('POST', '/v1/orders', key, bodies[sent % bodies.length])
    const socket = rawSocket(target.port, from)
    socket.write('GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n\x16\x03\x01\x00')
    await pause(20)
    socket.destroy()
  }
  http.close()
}
