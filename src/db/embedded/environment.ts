// Protects the embedded PostgreSQL from environment variables meant for another PostgreSQL.

/**
 * The environment of PostgreSQL's programs. A PGDATA, PGOPTIONS or LD_LIBRARY_PATH for another server must
 * have no effect, and initdb fails with a locale that this machine does not have.
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env
  return { PATH, LC_ALL: 'C', ...(SystemRoot && { SystemRoot, TEMP }) }
}

/**
 * Removes libpq's variables (PGSSLMODE, PGOPTIONS, PGBINARY, ...) from this process: the driver uses them for
 * options that a connection does not set. A process with an embedded server connects to no other one.
 */
export function forgetForeignSettings(): void {
  for (const name of Object.keys(process.env))
    if (/^PG[A-Z_]+$/.test(name)) delete process.env[name]
}
