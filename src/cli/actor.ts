// Under which name the command line stands in the audit log.

export const actor = 'cli'
