// Checks of money: the sums balance, each wallet matches its history, and each hold ends once.
import type { Check } from './check.ts'

/** The wallet that a transfer credits or debits. */
const walletOf = `case when t.kind in ('hold', 'debit') then t.debit_id else t.credit_id end`

export const ledgerChecks: readonly Check[] = [
  {
    // The stored balances of wallets against the entries of all other accounts: two independent sums.
    name: 'money-conserved',
    over: 'transfers',
    sql: `
      select currency as id from (
        select currency, sum(balance) as amount from ledger_accounts where kind = 'customer' group by 1
        union all
        select l.currency, sum(e.amount)
          from (select ledger_account_id, sum(amount) as amount from entries group by 1) e
          join ledger_accounts l on l.id = e.ledger_account_id and l.kind <> 'customer'
         group by 1) s
       group by currency having sum(amount) <> 0`,
  },
  {
    name: 'balances-match-history',
    over: 'ledger_accounts',
    sql: `
      select 'ledger account ' || w.id as id
        from ledger_accounts w
        left join (select ledger_account_id, sum(amount) as amount from entries group by 1) e
          on e.ledger_account_id = w.id
       where w.kind = 'customer' and w.balance <> coalesce(e.amount, 0)`,
  },
  {
    // Each transfer records the resulting balance; the next transfer must continue from it.
    name: 'balance-chain',
    over: 'transfers',
    sql: `
      select 'transfer ' || transfer_id as id from (
        select t.id as transfer_id, t.balance_after,
               case when t.kind in ('hold', 'debit') then -t.amount else t.amount end
               + coalesce(lag(t.balance_after) over (partition by w.id order by t.seq), b.amount, 0) as due
          from chain t
          join ledger_accounts w on w.kind = 'customer' and w.id = ${walletOf}
          left join openings b on b.ledger_account_id = w.id
         where t.kind <> 'post') s
       where balance_after is distinct from due`,
  },
  {
    // Customers' wallets and their escrow must never be negative.
    name: 'nothing-negative',
    over: 'ledger_accounts',
    sql: `
      select 'ledger account ' || id as id from ledger_accounts where balance < 0
      union all
      select 'transfer ' || id from transfers where amount < 0 or balance_after < 0
      union all
      select 'order ' || id from orders where price < 0
      union all
      select 'escrow ' || l.currency
        from ledger_accounts l
        join (select ledger_account_id, sum(amount) as amount from entries group by 1) e
          on e.ledger_account_id = l.id
       where l.kind = 'escrow' and e.amount < 0`,
  },
  {
    name: 'transfers-join-accounts',
    over: 'transfers',
    sql: `
      select 'transfer ' || t.id as id
        from transfers t
        left join ledger_accounts d on d.id = t.debit_id
        left join ledger_accounts c on c.id = t.credit_id
       where d.id is null or c.id is null or d.currency <> t.currency or c.currency <> t.currency
          or (d.supplier_id <> c.supplier_id)
          or t.account_id is distinct from
             case when t.kind = 'post' then t.account_id else coalesce(d.account_id, c.account_id) end
          or not case t.kind
               when 'hold' then d.kind = 'customer' and c.kind = 'escrow'
               when 'post' then d.kind = 'escrow' and c.kind = 'revenue'
               when 'refund' then d.kind = 'revenue' and c.kind = 'customer'
               when 'debit' then d.kind = 'customer' and c.kind in ('adjustments', 'deposits')
               when 'credit' then d.kind in ('adjustments', 'deposits') and c.kind = 'customer'
               when 'deposit' then d.kind in ('adjustments', 'deposits') and c.kind = 'customer'
               when 'supply_hold' then d.kind = 'prepaid' and c.kind = 'at_risk'
               when 'supply_post' then d.kind = 'at_risk' and c.kind = 'cost'
               when 'supply_void' then d.kind = 'at_risk' and c.kind = 'prepaid'
               when 'supply_charge' then d.kind = 'prepaid' and c.kind = 'cost'
               when 'supply_refund' then d.kind = 'cost' and c.kind = 'prepaid'
               when 'supply_adjust' then d.supplier_id is not null and c.supplier_id is not null
               when 'supplier_topup' then d.kind = 'funding' and c.kind = 'prepaid'
               else d.kind = 'escrow' and c.kind = 'customer' end`,
  },
  {
    // A hold has one post or one void; a release only with a post; and together they equal the hold.
    name: 'holds-end-once',
    over: 'transfers',
    sql: `
      select 'hold ' || h.id as id
        from transfers h
        join (select hold_id, sum(amount) as amount,
                     count(*) filter (where kind = 'post') as posts,
                     count(*) filter (where kind = 'void') as voids,
                     count(*) filter (where kind = 'release') as releases
                from transfers where hold_id is not null and kind <> 'refund'
               group by 1) e on e.hold_id = h.id
       where h.kind = 'hold'
         and (e.posts + e.voids <> 1 or e.releases > e.posts or e.amount <> h.amount)`,
  },
  {
    // Every refund was posted before, with the exact amount.
    name: 'refunds-have-a-post',
    over: 'transfers',
    sql: `
      select 'transfer ' || r.id as id
        from transfers r
        left join transfers p on p.hold_id = r.hold_id and p.kind = 'post'
       where r.kind = 'refund' and (p.id is null or p.amount <> r.amount)`,
  },
  {
    name: 'ends-have-a-hold',
    over: 'transfers',
    sql: `
      select 'transfer ' || e.id as id
        from transfers e
        left join transfers h on h.id = e.hold_id
         and h.kind = case when starts_with(e.kind, 'supply_') then 'supply_hold' else 'hold' end
       where e.hold_id is not null
         and (h.id is null or h.account_id is distinct from e.account_id
           or h.currency <> e.currency or h.order_id is distinct from e.order_id)`,
  },
]
