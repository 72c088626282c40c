"""profile_table.py TOOL FILE: one profile of a CSV or Parquet file, as people write it with that tool."""

import sys

THREADS = 2


def pandas(path: str) -> None:
    import pandas as pd

    table = pd.read_csv(path, low_memory=False) if path.endswith(".csv") else pd.read_parquet(path)
    print(table.describe(include="all").T.to_string(), table.nunique().to_string(), table.isna().sum().to_string())


def polars(path: str) -> None:
    import polars as pl

    table = pl.read_csv(path, infer_schema_length=10_000) if path.endswith(".csv") else pl.read_parquet(path)
    print(table.describe(), table.select(pl.all().n_unique()), table.null_count())


def duckdb(path: str) -> None:
    import duckdb

    connection = duckdb.connect(config={"threads": THREADS})
    print(connection.execute(f"SUMMARIZE SELECT * FROM '{path}'").df().to_string())


def ydata(path: str) -> None:
    import warnings

    import pandas as pd
    from ydata_profiling import ProfileReport

    warnings.filterwarnings("ignore")
    table = pd.read_csv(path, low_memory=False) if path.endswith(".csv") else pd.read_parquet(path)
    print(len(ProfileReport(table, minimal=True, progress_bar=False).to_json()))


if __name__ == "__main__":
    {"pandas": pandas, "polars": polars, "duckdb": duckdb, "ydata": ydata}[sys.argv[1]](sys.argv[2])
