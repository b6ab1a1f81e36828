// Databases from before the first release: a few files with the same schema replaced their many migrations.
import type { Tx } from './database.ts'

/** The last of the files that replaced the migrations below. Later files are applied as usual. */
const lastReplacement = '0012-webhooks.sql'

/** What they recorded: name and checksum. */
const recordsBefore = `
0001-accounts.sql 63bfebeafaceb6c821c135fca3eaa8a4f2941aab5395bafad2cc5eeee4b994b3
0002-ledger.sql 78743493308a7560a834ee1fe39d27c83b9eb217df2d48568a5d71f8d39f39a6
0003-catalog.sql 402f1a26c96bf3c10ce7f81837e82500cdb137694418d36a82182919f6327e36
0004-inventory.sql a1487a94bc40fb96fcc6f95000157933c3a5178337b89c4b44a442f7bdea7e56
0005-orders.sql 6c6591650ea1d2d89c51e2ca40527395de9c5bb672d2f1a0ae9612a427d6aa98
0006-messages.sql c6ef534f71175f0bc7bf4fb6d76eb79e6ca2e09feac19708a3f387d5cd2c3565
0007-order-kinds.sql b4e6747a8dd24d6d3b349089f11b2ff77771be72b0e083bfea5a7cf18edf7932
0008-inboxes.sql 11cee3a33a9942d9573f95c02888f3ce0226faf73ff6442b8627a36d31026899
0009-esims.sql 6c1886ec1a4f5d46f7d5e579af7fe544644d473f30c001186914b4e4cfd047d6
0010-payments-webhooks.sql d6f104071e56385d74213a0be2e6ec3fd32464ccdbd4174a8218aea11e818fba
0011-max-prices.sql 92b431ccde2cc0c29f2fe3501b55276cdb65319833837194678b37377d444925
0012-deliveries.sql 302a1640d839ae3b2646a2324565b2e3473358108c5bd2a1a0ce8e34ae99a9ba
0013-payments.sql c7080790056ee1fbedc16d03e6a70fec0756dfcf4f19fc1136907b87f16878e0
0014-rate-windows.sql e1fb3d31fc75b037ac4660b2f7e1a305739c8203a40aaf595a01cd03bf6112d8
0015-low-balance.sql f6f1107379690c69589ca61da765cb52c745a3d19642e80f4527d78a5d51374a
0016-events-of-orders.sql 503ef2ebe008155a72059761eeed27dac2bcf6976ba1ec99c325d5acc4129c95
0017-webhook-endpoints.sql 5c75f7aa699a85e353d8a2147123339d4df4337efde054e53838b43b62a95067
0018-rate-feeds.sql c8e683f70d0d77fac55bee26c466023a63dc676b2219cd5eccc795dc41b33ab0
0021-repeats.sql 53c3f750392acedc55d53ab26d393899eb59581972e78e2a974b4ff1b28c4804
0022-order-services.sql 153d0091f595abcd5347225a91d7990667007767c93997aca7bb2e84c98fc7fa
0025-operator-log.sql 0a90718ea60718f2f3a1f7b3a9e4ad07d05f3c1d3a1823639d34abcbe6b4b1e9
0026-key-origins.sql 5ba5b15504b6328429353dd271bf3b72476b55849f2a6dd10905db485d718681
0027-operated-catalog.sql 7f757ad89d853c63a8870ed3be44ee960d406a200abed26a8cd8cc3b5ec8c8ca
0028-annotations.sql 30551fd0561e168cdbaa49f00feb17de4519357aa2e22cf158f32c2cb252721f
0031-test-services.sql 9661b14593359e3c46509e68ddd49c920ab51d92378bc5b95fa429a3069dcbc1
0032-withdrawn-orders.sql 6c86a8d27c260656689116156eed4b98a7ba27e4a05a9b5a322f7811223e4291
0037-dialects-own-names.sql b5e728d591aa645f5c3a112853105e5f8eafe6a49364cc811ea764d84384c004
0038-protocol-ids.sql 2c18f1d8e6c518b0f0e8f697144573d8f60adffdbe6d20cc6234993d44229087
0039-subjects.sql 89abfa90b315c644bdd3c258ee3b69bffd09afefd165f5e89212f70b5e41a1bc
0040-channels.sql 6c4bd4fa9c9def6bb79a4ddc2940093363491576d087667045446fad1dcddaa6
`

/** All migrations of before: name and checksum. */
export const migrationsBefore: ReadonlyMap<string, string> = new Map(
  recordsBefore
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string]),
)

/** Which of the migrations of before a database has, given the names and checksums of its records.
 * Only 'all' has a schema that this version knows. */
export function migrationsFromBefore(
  applied: ReadonlyMap<string, string>,
): 'none' | 'some' | 'all' {
  const names = [...applied.keys()].filter((name) => !name.startsWith('functions/'))
  if (!names.some((name) => migrationsBefore.has(name))) return 'none'
  const isComplete =
    names.length === migrationsBefore.size &&
    names.every((name) => applied.get(name) === migrationsBefore.get(name))
  return isComplete ? 'all' : 'some'
}

/** Records the files that replaced the migrations of before, in place of all records: so the functions are
 * created again, too. The tables are the same, but for the name of one constraint.
 * @returns the names of the recorded files */
export async function replaceRecords(
  tx: Tx,
  migrations: readonly { readonly name: string; readonly checksum: string }[],
): Promise<string[]> {
  await tx.query('alter table orders rename constraint orders_way_check to orders_channel_check')
  // @NOTE its result may differ, and then it cannot be replaced
  await tx.query('drop function buy_activations')
  await tx.query('delete from schema_migrations')
  const replacements = migrations.filter(({ name }) => name <= lastReplacement)
  await tx.query(
    `insert into schema_migrations (name, checksum) select * from unnest($1::text[], $2::text[])`,
    [replacements.map(({ name }) => name), replacements.map(({ checksum }) => checksum)],
  )
  return replacements.map(({ name }) => name)
}
