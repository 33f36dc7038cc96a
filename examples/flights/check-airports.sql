-- An independent count of delays by airport over the months in the variable `months`, straight from the original file.
select origin as airport, count(*) as flights, round(sum(delay) / count(*), 1) as average_delay, max(delay) as worst_delay
from (
  select distinct on (date, delay, distance, origin, destination) *
  from read_parquet(getvariable('flights'))
  where list_contains(getvariable('months'), strftime(date, '%Y-%m'))
    and delay between -120 and 99999 and distance > 0 and origin <> destination
    and origin in (select iata from read_csv(getvariable('airports'), header = true, all_varchar = true))
    and destination in (select iata from read_csv(getvariable('airports'), header = true, all_varchar = true))
)
group by origin
