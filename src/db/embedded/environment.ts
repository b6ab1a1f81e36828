// What the embedded PostgreSQL takes from the environment: nothing that was meant for another PostgreSQL.

/**
 * The environment of PostgreSQL's own programs. A PGDATA, PGOPTIONS or LD_LIBRARY_PATH for another server
 * must not matter, and initdb does not run at all under a locale that this machine lacks.
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env
  return { PATH, LC_ALL: 'C', ...(SystemRoot && { SystemRoot, TEMP }) }
}

/**
 * Takes libpq's variables (PGSSLMODE, PGOPTIONS, PGBINARY, ...) out of this process: the driver reads
 * them wherever a connection says nothing. Who runs the embedded server connects to no other one.
 */
export function forgetForeignSettings(): void {
  for (const name of Object.keys(process.env))
    if (/^PG[A-Z_]+$/.test(name)) delete process.env[name]
}
