-- An independent count of what `clean-month` does, straight from the original file. Give it two variables first:
--   set variable flights = 'flights-3m.parquet'; set variable airports = 'airports.csv';
with codes as (
  select iata from read_csv(getvariable('airports'), header = true, all_varchar = true)
), numbered as (
  select
    *,
    row_number() over (partition by date, delay, distance, origin, destination) as copy,
    -- The source has no file before January and none after June; undated rows are in the last.
    coalesce(least(greatest(strftime(date, '%Y-%m'), '2001-01'), '2001-06'), '2001-06') as month
  from read_parquet(getvariable('flights'))
), marked as (
  select
    month,
    copy,
    date is null or delay is null or distance is null or origin is null or destination is null as incomplete,
    strftime(date, '%Y-%m') != month as elsewhere,
    delay + 120 < 0 as early,
    distance < 1 as nowhere,
    origin not in (from codes) or destination not in (from codes) as unknown,
    origin = destination as circle
  from numbered
)
select
  month,
  count(*) as rows_in,
  count(*) filter (copy > 1) as duplicates,
  count(*) filter (copy = 1 and (incomplete or elsewhere or early or nowhere or unknown or circle)) as rejected,
  count(*) filter (copy = 1 and not (incomplete or elsewhere or early or nowhere or unknown or circle)) as rows_out,
  count(*) filter (copy = 1 and elsewhere and not incomplete) as outside_month,
  count(*) filter (copy = 1 and early and not incomplete and not elsewhere) as too_early
from marked
group by month
order by month
