-- The day on which a day of the year is celebrated in a year: 29 February on the 28th where there is none.
CREATE FUNCTION members_day_in(p_year integer, p_month integer, p_day integer) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN make_date(p_year, p_month, 1)
  + least(p_day - 1, extract(day FROM make_date(p_year, p_month, 1) + interval '1 month' - interval '1 day')::integer - 1);

-- Days from a day to the next celebration, 0 on the day itself.
CREATE FUNCTION members_days_to(p_from date, p_month integer, p_day integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(
  CASE WHEN members_day_in(extract(year FROM p_from)::integer, p_month, p_day) >= p_from
       THEN members_day_in(extract(year FROM p_from)::integer, p_month, p_day) - p_from END,
  members_day_in(extract(year FROM p_from)::integer + 1, p_month, p_day) - p_from);

-- Days since the last celebration, 0 on the day itself.
CREATE FUNCTION members_days_since(p_from date, p_month integer, p_day integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(
  CASE WHEN members_day_in(extract(year FROM p_from)::integer, p_month, p_day) <= p_from
       THEN p_from - members_day_in(extract(year FROM p_from)::integer, p_month, p_day) END,
  p_from - members_day_in(extract(year FROM p_from)::integer - 1, p_month, p_day));

-- Whole years from one day to another, complete on the celebration.
CREATE FUNCTION members_years(p_from date, p_to date) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN extract(year FROM p_to)::integer - extract(year FROM p_from)::integer
  - CASE WHEN members_day_in(extract(year FROM p_to)::integer, extract(month FROM p_from)::integer,
                             extract(day FROM p_from)::integer) > p_to THEN 1 ELSE 0 END;
