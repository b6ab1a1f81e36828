// Builds the image without a Docker engine, and runs it as one would: read-only, as its user, in namespaces.
import { spawnSync } from 'node:child_process'
import { chmod, chown, copyFile, cp, mkdir, realpath, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { descendantsOf, killAll } from '../harness/program.ts'
import { type Started, startCommand } from '../start/program.ts'
import { root } from '../tidy/files.ts'
import { shellEnvironment, tool } from './packaged.ts'

/** What the Dockerfile says about running the image. */
export type ImageConfig = {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Healthcheck: { readonly Test: readonly string[] }
  readonly Labels: Readonly<Record<string, string>>
  readonly Volumes: Readonly<Record<string, unknown>>
}

/** A file tree that was unpacked from an image, and how it is run. */
export type Unpacked = {
  readonly name: string
  readonly path: string
  readonly config: ImageConfig
}

const uid = 10001

const found = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
const canMount = () => spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status === 0

/** Why the image cannot be built and run here, or null. */
export function whyNoContainers(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can'
  const missing = ['buildah', 'debootstrap', 'unshare', 'nsenter', 'chroot'].filter(
    (one) => !found(one),
  )
  if (missing.length > 0) return `there is no ${missing.join(', ')}`
  return canMount() ? null : 'this system allows no mounts'
}

/** Calls buildah with its storage below a folder. */
export function buildah(folder: string, args: readonly string[], cwd = root): Promise<string> {
  const [storage, run] = [join(folder, 'storage'), join(folder, 'run')]
  const common = ['--root', storage, '--runroot', run, '--storage-driver', 'vfs']
  return tool('buildah', [...common, ...args], { cwd })
}

/** Makes a base as node:24-bookworm-slim is one: Debian's smallest system, Node 24, npm. @returns its name */
export async function makeBase(folder: string): Promise<string> {
  const base = join(folder, 'base')
  await tool('debootstrap', ['--variant=minbase', 'bookworm', base])
  const local = join(base, 'usr/local')
  await mkdir(join(local, 'lib/node_modules'), { recursive: true })
  await mkdir(join(local, 'etc'), { recursive: true })
  await mkdir(join(base, 'etc/ssl/certs'), { recursive: true })
  await copyFile(process.execPath, join(local, 'bin/node'))
  await chmod(join(local, 'bin/node'), 0o755)
  // @NOTE `npm root -g` names the folder of the Node that runs it, which may have no npm
  const npm = await realpath((await tool('which', ['npm'])).trim())
  await cp(dirname(dirname(npm)), join(local, 'lib/node_modules/npm'), { recursive: true })
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
  // What npm needs to reach the registry from here.
  const authorities = 'etc/ssl/certs/ca-certificates.crt'
  await copyFile(join('/', authorities), join(base, authorities))
  const npmrc = [`cafile=/${authorities}`, 'cache=/npm-cache', 'prefer-offline=true', '']
  await writeFile(join(local, 'etc/npmrc'), npmrc.join('\n'))
  const name = 'localhost/base:24'
  await writeFile(join(folder, 'Dockerfile.base'), 'FROM scratch\nCOPY base /\n')
  const file = ['--file', join(folder, 'Dockerfile.base')]
  await buildah(folder, ['build', '--isolation', 'chroot', '-t', name, ...file, folder])
  return name
}

/** Builds the Dockerfile. @returns the image's name */
export async function buildImage(folder: string, base: string, version: string): Promise<string> {
  const name = `localhost/numlet:${version}`
  const cache = (await tool('npm', ['config', 'get', 'cache'])).trim()
  await buildah(folder, [
    ...['build', '--isolation', 'chroot', '--format', 'docker', '-t', name],
    ...['--build-arg', `BASE=${base}`, '--build-arg', `VERSION=${version}`],
    ...['--volume', `${cache}:/npm-cache`, root],
  ])
  return name
}

/** Unpacks an image into a tree of its own. */
export async function unpack(folder: string, image: string): Promise<Unpacked> {
  const about = JSON.parse(await buildah(folder, ['inspect', '--type', 'image', image]))
  const name = (await buildah(folder, ['from', image])).trim()
  const path = (await buildah(folder, ['mount', name])).trim()
  return { name, path, config: about.Docker.config as ImageConfig }
}

/** A new directory for a container's /data, which belongs to its user as a new volume does. */
export async function newVolume(path: string): Promise<string> {
  await mkdir(path, { mode: 0o700 })
  await chown(path, uid, uid)
  return path
}

/** Everything that `docker run --read-only --volume DATA:/data` mounts; the network is the machine's own. */
const mounts = `set -e
mount --make-rprivate /
mount --bind "$IMAGE" "$IMAGE"
mount --bind "$DATA" "$IMAGE/data"
mount -t proc -o nosuid,nodev,noexec proc "$IMAGE/proc"
mount -t tmpfs -o nosuid,mode=755 dev "$IMAGE/dev"
for one in null zero full random urandom; do
  touch "$IMAGE/dev/$one"
  mount --bind "/dev/$one" "$IMAGE/dev/$one"
done
mkdir "$IMAGE/dev/shm"
mount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size=64m shm "$IMAGE/dev/shm"
mount -o remount,ro "$IMAGE/dev"
mount -o remount,bind,ro "$IMAGE"
exec setpriv --no-new-privs chroot --userspec=${uid}:${uid} --groups= "$IMAGE" env -i "$@"`

export type Container = Started & {
  /** Runs a command in it, as `docker exec` does. */
  exec(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>
  /** Ends it as `docker kill` does: nothing of it goes on. */
  kill(): Promise<void>
  /** Asks its first process to end, as `docker stop` does. @returns the exit code */
  stop(): Promise<number | null>
}

/** Runs an unpacked image. @param command instead of the image's own CMD */
export function runContainer(
  { path, config }: Unpacked,
  dataDir: string,
  options: { env?: Readonly<Record<string, string>>; command?: readonly string[] } = {},
): Container {
  const given = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`)
  const environment = [...config.Env, ...given]
  const command = options.command ?? [...config.Entrypoint, ...config.Cmd]
  const namespaces = ['--mount', '--pid', '--fork', '--ipc', '--uts']
  const started = startCommand(
    ['unshare', ...namespaces, 'sh', '-c', mounts, 'sh', ...environment, ...command],
    { env: shellEnvironment({ IMAGE: path, DATA: dataDir }) },
  )
  const outer = started.child.pid as number
  onTestFinished(() => killAll(outer))
  const first = () => descendantsOf(outer)[0] as number
  return {
    ...started,
    exec: (args, env = {}) => {
      const more = Object.entries(env).map(([name, value]) => `${name}=${value}`)
      const target = ['--target', String(first()), '--mount', '--pid', '--root', '--wd']
      const user = ['--setuid', String(uid), '--setgid', String(uid)]
      return tool('nsenter', [...target, ...user, 'env', '-i', ...environment, ...more, ...args])
    },
    kill: async () => {
      killAll(outer)
      await started.ended
    },
    stop: () => {
      process.kill(first(), 'SIGTERM')
      return started.ended
    },
  }
}
