// The settings of the embedded PostgreSQL: durable, for a small machine with hot tables, sized by its memory.
import { createHash } from 'node:crypto'
import { totalmem } from 'node:os'

/** The custom setting that holds the fingerprint. */
export const settingsName = 'numlet.settings'

const mebibyte = 1024 * 1024

/** The memory available to this process: the machine's, or its container's limit. */
export function usableMemoryMb(): number {
  const constrained = process.constrainedMemory()
  // Without a limit the value is 0 or an absurdly large number.
  const bytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return Math.floor(bytes / mebibyte)
}

/** The text of numlet.conf for a machine with this much memory. */
export function settingsFor(memoryMb: number): string {
  const sharedBuffersMb = clamp(memoryMb / 8, 32, 1024)
  const maintenanceMb = clamp(memoryMb / 64, 32, 256)
  return `# Written by Numlet at each start: changes here are lost. Yours belong into operator.conf.

# What was acknowledged is on the disk.
fsync = on
full_page_writes = on
synchronous_commit = on

# Memory, by the ${memoryMb} MB of this machine.
shared_buffers = ${sharedBuffersMb}MB
effective_cache_size = ${clamp(memoryMb / 2, 64, 65536)}MB
work_mem = ${clamp(memoryMb / 1024, 4, 16)}MB
maintenance_work_mem = ${maintenanceMb}MB
max_connections = 100

# Rare checkpoints: each one is followed by a wave of whole pages in the log.
checkpoint_timeout = 15min
max_wal_size = 4GB
min_wal_size = 256MB
wal_level = replica

# SSD, short statements: no compiler, no second core for one report.
random_page_cost = 1.1
effective_io_concurrency = 64
jit = off
max_parallel_workers_per_gather = 0

# Orders and numbers change many times: clean up early and at full speed.
autovacuum_naptime = 10s
autovacuum_vacuum_scale_factor = 0.05
autovacuum_vacuum_threshold = 500
autovacuum_analyze_scale_factor = 0.05
autovacuum_vacuum_cost_limit = 2000

# A deadlock or a forgotten transaction must not hold customers up.
deadlock_timeout = 200ms
idle_in_transaction_session_timeout = 60s

# The log never holds what customers send: no parameters, no values of a violated constraint.
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
log_timezone = UTC
timezone = UTC
lc_messages = C
`
}

/** Identifies a set of settings; a server that runs with another one is restarted, not joined. */
export function fingerprint(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16)
}

function clamp(value: number, low: number, high: number): number {
  return Math.round(Math.min(high, Math.max(low, value)))
}
