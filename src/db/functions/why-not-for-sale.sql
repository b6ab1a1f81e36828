-- Why nothing was found for sale: slow, and only used for the error. Its cost is limited by the number of shelves.
create or replace function why_not_for_sale(
  p_kind text, p_service integer, p_country text, p_operator integer, p_pool text, p_offer integer,
  p_duration interval
) returns text language sql stable as $$
  select case
    when p_offer is null and not exists (select from services s where s.id = p_service)
      then 'service_not_found'
    when p_country is not null and not exists (select from countries c where c.code = p_country)
      then 'country_not_found'
    when exists (select from services s where s.closed and (s.id = p_service
        or s.id = (select o.service_id from offers o where o.id = p_offer))) then 'service_closed'
    when exists (select from countries c where c.closed and (c.code = p_country
        or c.code = (select o.country from offers o where o.id = p_offer))) then 'country_closed'
    when exists (select from offers o
        where o.kind = p_kind and o.active and (p_duration is null or o.duration = p_duration)
          and (p_offer is null or o.id = p_offer) and (p_service is null or o.service_id = p_service)
          and (p_country is null or o.country = p_country)
          and (p_operator is null or o.operator_id = p_operator)
          and (p_pool is null or o.pool = p_pool)) then 'out_of_stock'
    else 'offer_not_found' end
$$;
