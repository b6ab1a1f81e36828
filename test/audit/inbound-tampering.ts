// What breaks the promises of vendors' requests, by the names of the checks that find it.

/** A message of two parts, with parts that it cannot have. */
const splitMessage = (state: string, parts: string) => `
  with split as (
    insert into split_messages (supplier_id, phone, sender, reference, total, state, begun_at, due_at)
    values (1, 'somebody', '', '1', 2, '${state}', now(), now()) returning id)
  insert into message_parts (split_id, number, ref, has_id, text, received_at)
  select id, number, 'ref', true, 'a part', now() from split, unnest('${parts}'::int[]) as number`

export const inboundTampering: Record<string, readonly string[]> = {
  'inbound-requests-are-read': [
    `update event_readers set epoch = 1000000;
     insert into inbound_requests (supplier_id, received_at, method, query, headers, body, due_at)
     values (1, now(), 'POST', '', '{}', '', now() - interval '6 minutes')`,
  ],
  'message-parts-are-handed-out': [
    splitMessage('open', '{}'),
    splitMessage('handed', '{1}'),
    splitMessage('closed', '{1, 2, 3}'),
  ],
}
