//! Sources that break the rules about scripts, and sources that only look like it.

use std::fs;

use smith_assert::Catalogue;
use smith_task_schema::LayoutKind;

use crate::support::{Task, assert_readable, check, short};

/// Code and severity, and what stands in `prepare`.
const BROKEN_BODIES: &[(&str, &str)] = &[
    ("E P105", "random.shuffle(ids)"),
    ("E P105", "import random as r\n    r.choice(ids)"),
    ("E P105", "from random import shuffle as mix\n    mix(ids)"),
    ("E P105", "rng = np.random\n    rng.rand(3)"),
    ("E P105", "draw = np.random.permutation\n    draw(9)"),
    ("E P105", "getattr(np.random, 'rand')(3)"),
    ("E P105", "import numpy.random as nr\n    nr.shuffle(ids)"),
    ("E P105", "rng = np.random.default_rng(None)"),
    ("E P105", "seed = None\n    rng = np.random.default_rng(seed)"),
    ("E P105", "rng = np.random.RandomState(int(time.time()))"),
    ("E P105", "seed = int(time.time()) % 1000\n    np.random.seed(seed)\n    np.random.rand(3)"),
    ("E P105", "random.seed()\n    random.random()"),
    ("E P105", "random.seed(None)\n    random.random()"),
    ("E P105", "random.seed(os.getpid())\n    random.random()"),
    ("E P105", "np.random.rand(3)\n    np.random.seed(1)"),
    ("E P105", "np.random.seed(1)\n    random.random()"),
    ("E P105", "df = df.sample(frac=1)"),
    ("E P105", "df = df.sample(frac=1, random_state=None).reset_index(drop=True)"),
    ("E P105", "df = df.groupby('a').sample(n=3)"),
    ("E P105", "train_test_split(df, test_size=0.2)"),
    ("E P105", "train_test_split(df, random_state=None)"),
    ("E P105", "model_selection.train_test_split(df, stratify=df['y'])"),
    ("E P105", "KFold(5, shuffle=True).split(df)"),
    ("E P105", "StratifiedKFold(n_splits=5, shuffle=True)"),
    ("E P105", "GroupShuffleSplit(1)"),
    ("E P105", "df['id'] = [uuid.uuid4().hex for _ in range(len(df))]"),
    ("E P105", "secrets.choice(ids)"),
    ("E P105", "os.urandom(8)"),
    ("E P105", "df['fold'] = df['name'].map(lambda n: hash(str(n)) % 5)"),
    ("E P105", "import datetime\n    df['age'] = datetime.date.today().year - df['born']"),
    ("E P105", "from datetime import datetime as dt\n    df['age'] = dt.now().year - df['born']"),
    ("E P105", "df['days'] = (pd.Timestamp.now() - df['day']).dt.days"),
    ("W P105", "df['fold'] = [hash(name) % 5 for name in df['name']]"),
    ("E P106", "import requests\n    requests.get('https://x.org')"),
    ("E P106", "from urllib.request import urlretrieve\n    urlretrieve(URL)"),
    ("E P106", "pd.read_csv('https://x.org/a.csv')"),
    ("E P106", "pd.read_parquet('s3://bucket/a.parquet')"),
    ("E P106", "url = 'http://x.org/a.csv'\n    pd.read_csv(url)"),
    ("E P106", "from datasets import load_dataset\n    load_dataset('imdb')"),
    ("E P106", "from sklearn.datasets import fetch_openml\n    fetch_openml('adult')"),
    ("E P106", "import torchvision\n    torchvision.datasets.MNIST('x', download=True)"),
    ("E P106", "import kaggle"),
    ("E P106", "__import__('requests').get('https://x.org')"),
    ("E P106", "import socket\n    socket.create_connection(('x.org', 80))"),
    ("E P106", "import subprocess as sp\n    sp.run(['wget', URL])"),
    ("E P106", "from subprocess import check_call as call\n    call(['python', 'x.py'])"),
    ("E P106", "os.popen('ls').read()"),
    ("E P106", "run = os.system\n    run('curl x.org')"),
    ("W P106", "os.system(f'unzip {raw}/x.zip')"),
    ("W P106", "import subprocess"),
    ("E P107", "pd.read_csv('/kaggle/input/x/train.csv')"),
    ("E P107", "open('C:\\\\data\\\\train.csv')"),
    ("E P107", "Path('~/data').expanduser()"),
    ("E P107", "pd.read_csv(os.path.join('/data', 'train.csv'))"),
    ("E P107", "base = '/home/me/data'\n    pd.read_csv(base)"),
    ("E P107", "df.to_csv(f'/home/me/{name}.csv')"),
    ("E P107", "pd.read_csv('train.csv')"),
    ("E P107", "with open('data/labels.json') as f:\n        pass"),
    ("E P107", "df.to_csv('train.csv', index=False)"),
    ("E P107", "os.listdir('raw')"),
    ("E P107", "sqlite3.connect('file:things.db?mode=ro', uri=True)"),
    ("E P107", "shutil.copy('/data/a.png', public)"),
    ("E P107", "pd.read_csv(raw / '..' / 'train.csv')"),
    ("E P107", "df.to_csv(public.parent / 'answers' / 'a.csv')"),
    ("E P107", "out = public / '../private/test_answer.csv'"),
    ("E P107", "home = Path.home() / 'data'"),
    ("E P107", "home = os.environ['HOME']"),
    ("W P107", "work = Path('/tmp/work')"),
    ("W P107", "os.chdir(raw)"),
    ("W P107", "here = os.getcwd()"),
    ("E P108", "eval(text)"),
    ("E P108", "exec(open(raw / 'x.py').read())"),
    ("E P108", "df['x'] = df['x'].apply(eval)"),
    ("E P108", "list(map(eval, df['x']))"),
    ("E P108", "e = eval\n    e(text)"),
    ("E P108", "import builtins\n    builtins.exec(text)"),
    ("E P108", "importlib.import_module(name)"),
    ("E P109", "import pickle\n    pickle.load(open(raw / 'x.bin', 'rb'))"),
    ("E P109", "from pickle import loads\n    loads(text)"),
    ("E P109", "pd.read_pickle(raw / 'x.csv')"),
    ("E P109", "np.load(raw / 'x', allow_pickle=True)"),
    ("E P109", "import joblib\n    joblib.load(raw / 'm')"),
    ("E P109", "import torch\n    torch.load(raw / 'm')"),
    ("E P110", "try:\n        df.to_csv(private / 'test_answer.csv')\n    except Exception:\n        pass"),
    (
        "E P110",
        "for name in ids:\n        try:\n            df.to_csv(public / name)\n        except:\n            continue",
    ),
    ("W P110", "try:\n        shutil.copy(raw / 'a', public)\n    except Exception as e:\n        print(e)"),
    ("W P111", "for name in os.listdir(raw):\n        rows.append(name)"),
    ("W P111", "files = list(raw.glob('*.png'))"),
    ("W P111", "for label in set(df['y']):\n        rows.append(label)"),
    ("W P111", "labels = list(set(df['y']))"),
    ("W P112", "import sys\n    sys.exit(1)"),
    ("W P112", "exit()"),
];

/// What stands in `prepare` and breaks nothing.
const SOUND_BODIES: &[&str] = &[
    "import datetime\n    print('made at', datetime.datetime.now())",
    "df['day'] = pd.Timestamp('2024-01-01')",
    "np.random.seed(42)\n    np.random.rand(3)\n    df.sample(frac=1)\n    train_test_split(df)",
    "random.seed(SEED)\n    random.shuffle(ids)",
    "rng = np.random.default_rng(SEED)\n    rng.permutation(9)",
    "rng = np.random.default_rng(seed=7)\n    rng.shuffle(ids)",
    "rng = np.random.RandomState(0)\n    rng.rand(3)",
    "rng = np.random.Generator(np.random.PCG64(SEED))\n    rng.random()",
    "random = np.random.RandomState(3)\n    random.shuffle(ids)",
    "r = random.Random(SEED)\n    r.sample(ids, k=3)",
    "random.Random(0).shuffle(ids)",
    "rng = random.Random(f'{SEED}')\n    rng.choice(ids)",
    "shuffled = mix(df)",
    "set_seed(SEED)\n    random.random()\n    np.random.rand()",
    "df.sample(frac=1, random_state=SEED)",
    "df.sample(n=5, random_state=rng)",
    "print(df.sample(5))",
    "con = sqlite3.connect(f\"file:{os.path.abspath(raw / 'a.db')}?mode=ro\", uri=True)",
    "pd.read_sql('select a, b from things', con)",
    "options = dict(random_state=1)\n    train_test_split(df, **options)",
    "train_test_split(df, shuffle=False)",
    "KFold(5).split(df)",
    "KFold(5, shuffle=True, random_state=SEED).split(df)",
    "StratifiedKFold(5, shuffle=False)",
    "GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=42)",
    "from lightning import seed_everything\n    seed_everything(1)\n    np.random.rand()",
    "uuid.uuid5(uuid.NAMESPACE_DNS, 'x')",
    "started = time.time()\n    print(time.time() - started)",
    "from urllib.parse import urlparse\n    df['host'] = df['url'].map(lambda u: urlparse(u).netloc)",
    "df = df[df['url'] != 'https://x.org/a.csv']",
    "requests = pd.read_csv(raw / 'requests.csv')\n    requests.groupby('a').size()",
    "from datasets import load_dataset\n    load_dataset('csv', data_files=str(raw / 'a.csv'))",
    "from sklearn.datasets import load_iris",
    "df['path'] = df['path'].str.replace('/kaggle/input/', '')",
    "df['path'] = '/images/' + df['id']",
    "pd.read_csv(raw / 'train.csv')",
    "pd.read_csv(os.path.join(raw, 'data', 'train.csv'))",
    "pd.read_csv(f'{raw}/train.csv')",
    "pd.read_csv('{}/train.csv'.format(raw))",
    "pd.read_csv(str(raw) + '/train.csv', sep='/')",
    "open(os.devnull)\n    open('/dev/null')",
    "name = Path('a/b.csv').stem",
    "(public / Path('images')).mkdir(parents=True, exist_ok=True)",
    "with zipfile.ZipFile(raw / 'a.zip') as z:\n        pd.read_csv(z.open('a.csv'))\n        z.extractall(raw)",
    "df.to_json(orient='records')",
    "os.environ['PYTHONHASHSEED'] = '0'",
    "TRAIN = 'train.csv'\n    pd.read_csv(raw / TRAIN)",
    "shutil.rmtree(raw)",
    "import ast\n    df['x'] = df['x'].apply(ast.literal_eval)",
    "df.eval('a + b')\n    pd.eval('1 + 2')",
    "model.eval()",
    "re.compile('a')",
    "np.load(raw / 'x.npy', allow_pickle=False)",
    "importlib.import_module('math')",
    "try:\n        value = float(text)\n    except ValueError:\n        value = 0",
    "try:\n        df.to_csv(private / 'a.csv')\n    except Exception as e:\n        raise RuntimeError('no') from e",
    "for name in sorted(os.listdir(raw)):\n        rows.append(name)",
    "files = os.listdir(raw)\n    files.sort()",
    "n = len(list(raw.glob('*')))",
    "labels = sorted(set(df['y']))",
    "if 3 in set(ids):\n        pass",
];

const PREAMBLE: &str = "import importlib\nimport os\nimport random\nimport re\nimport secrets\nimport shutil\nimport time\nimport uuid\nimport zipfile\nfrom pathlib import Path\n\nimport numpy as np\nimport pandas as pd\nfrom sklearn import model_selection\nfrom sklearn.model_selection import GroupShuffleSplit, KFold, StratifiedKFold, train_test_split\n\nSEED = 42\n\n\ndef mix(df, seed=SEED):\n    return np.random.default_rng(seed).permutation(df)\n\n\ndef set_seed(seed):\n    random.seed(seed)\n    np.random.seed(seed)\n\n\ndef never_called(df):\n    return df.sample(frac=1)\n\n\ndef prepare(raw: Path, public: Path, private: Path):\n    ";

/// Code and severity, and the whole source.
const BROKEN_SOURCES: &[(&str, &str)] = &[
    ("E P102", "if True:\n    def prepare(raw, public, private):\n        pass\n"),
    ("E P102", "class A:\n    def prepare(self, raw, public, private):\n        pass\n"),
    ("E P102", "prepare = lambda raw, public, private: None\n"),
    ("E P102", "from other import prepare\n"),
    ("E P102", "def prepare(raw, public, private):\n    yield raw\n"),
    ("E P102", "import click\n@click.command()\ndef prepare(raw, public, private):\n    pass\n"),
    ("E P102", "def prepare(raw, public, private, seed):\n    pass\n"),
    ("E P102", "def prepare(raw: str, public: str, private: str):\n    pass\n"),
    ("E P102", "def prepare(raw, public, private, seed=1):\n    pass\n"),
    ("E P104", "def prepare(raw, public, private):\n    pass\nprepare('raw', 'public', 'private')\n"),
    ("E P104", "import os\nos.makedirs('public', exist_ok=True)\n"),
    ("E P104", "from pathlib import Path\nPath('public').mkdir()\n"),
    ("E P104", "def load():\n    return open('x').read()\nTEXT = load()\n"),
    ("E P104", "try:\n    TEXT = open('x').read()\nexcept OSError:\n    TEXT = ''\n"),
    (
        "E P104",
        "def run(f):\n    open('log', 'a').write('x')\n    return f\n@run\ndef prepare(raw, public, private):\n    run(1)\n",
    ),
    ("W P104", "print('loading')\n"),
    (
        "E P105",
        "import numpy as np\ndef split(df, seed=None):\n    return np.random.default_rng(seed).permutation(df)\ndef prepare(raw, public, private):\n    split(raw)\n",
    ),
    (
        "E P105",
        "from random import *\nimport random\nORDER = random.sample(range(9), 9)\ndef prepare(raw, public, private):\n    pass\n",
    ),
];

const SOUND_SOURCES: &[&str] = &[
    "from __future__ import annotations\nimport pathlib as pl\ndef prepare(raw: pl.Path, public: 'pl.Path', private: pl.Path) -> None:\n    pass\n",
    "from pathlib import Path\nfrom typing import Union\ndef prepare(raw: Union[str, Path], public: Path | str, private: Path):\n    pass\n",
    "import logging\nfrom enum import Enum\nfrom dataclasses import dataclass\nfrom pathlib import Path\nimport numpy as np\nimport pandas as pd\nfrom tqdm import tqdm\ntqdm.pandas()\nlogger = logging.getLogger(__name__)\nlogging.basicConfig(level=logging.INFO)\npd.set_option('display.width', 1)\nEDGES = np.linspace(0, 1, 5)\nclass Kind(Enum):\n    A = 1\n@dataclass\nclass Row:\n    a: int\nTABLE = str.maketrans('a', 'b')\ndef build():\n    return {c: ord(c) for c in 'abc'}\nCODES = build()\ntry:\n    import cv2\nexcept ImportError:\n    cv2 = None\ndef prepare(raw: Path, public: Path, private: Path):\n    helper(raw)\ndef helper(raw):\n    pass\n",
    "import numpy as np\nfrom pathlib import Path\ndef split(df, seed):\n    return np.random.default_rng(seed).permutation(df)\ndef prepare(raw: Path, public: Path, private: Path):\n    split(raw, seed=3)\n",
    "import numpy as np\nfrom pathlib import Path\nrng = np.random.default_rng(0)\ndef prepare(raw: Path, public: Path, private: Path):\n    rng.permutation(3)\n",
];

const METRIC: &str = "import numpy as np\nimport pandas as pd\nfrom mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError\n\n\nclass XMetrics(CompetitionMetrics):\n    def __init__(self, value: str = 'y', higher_is_better: bool = True):\n        super().__init__(higher_is_better)\n        self.value = value\n\n    def evaluate(self, y_true, y_pred):\n        y_pred = y_pred.set_index('id').reindex(y_true['id'])\n        return float((y_true[self.value].to_numpy() == y_pred[self.value].to_numpy()).mean())\n\n    def validate_submission(self, submission, ground_truth):\n        if len(submission) != len(ground_truth):\n            raise InvalidSubmissionError('rows')\n        return True\n";

/// Code and severity, what is replaced in the metric, and by what.
const BROKEN_METRICS: &[(&str, &str, &str)] = &[
    ("E M102", "from mledojo.metrics.base", "from mledojo.metrics"),
    ("E M102", "class XMetrics", "class Metric"),
    ("E M102", "class XMetrics(CompetitionMetrics)", "class XMetrics(object)"),
    ("E M102", "class XMetrics", "class BaseOfX(CompetitionMetrics):\n    pass\n\n\nclass XMetrics"),
    (
        "E M102",
        "import CompetitionMetrics, InvalidSubmissionError",
        "import CompetitionMetrics\nclass InvalidSubmissionError(Exception):\n    pass",
    ),
    ("W M102", "class XMetrics", "class ConfusionMetrics:\n    pass\n\n\nclass XMetrics"),
    ("E M103", "value: str = 'y', ", "value, "),
    ("E M103", "higher_is_better: bool = True", "higher_is_better='yes'"),
    ("E M103", "higher_is_better: bool = True", "higher_is_better=None"),
    ("E M103", "        super().__init__(higher_is_better)\n", ""),
    ("E M103", "super().__init__(higher_is_better)", "super().__init__(False)"),
    ("E M103", "self, value: str = 'y', higher_is_better", "self, higher_is_better"),
    ("W M103", "bool = True)", "bool = True, beta=1.0)"),
    ("E M104", "(self, y_true, y_pred)", "(self, y_pred, y_true)"),
    ("E M104", "        return float(", "        yield float("),
    ("E M104", "(self, y_true, y_pred)", "(self, y_true, y_pred, extra)"),
    ("E M105", "raise InvalidSubmissionError('rows')", "return False, 'rows'"),
    ("E M105", "if len(submission) != len(ground_truth):", "if False:"),
    ("E M105", "raise InvalidSubmissionError('rows')", "raise ValueError('rows')"),
    ("E M105", "raise InvalidSubmissionError('rows')", "return InvalidSubmissionError('rows')"),
    (
        "E M105",
        "            raise InvalidSubmissionError('rows')",
        "            try:\n                raise InvalidSubmissionError('rows')\n            except Exception:\n                return False",
    ),
    (
        "E M105",
        "            raise InvalidSubmissionError('rows')",
        "            try:\n                self._refuse()\n            except InvalidSubmissionError:\n                return False\n\n    def _refuse(self):\n        raise InvalidSubmissionError('rows')",
    ),
    (
        "E M107",
        "        return float(",
        "        import urllib.request as u; u.urlopen('http://x.org')\n        return float(",
    ),
    ("E M107", "        return float(", "        import os; os.system('true')\n        return float("),
    ("E M108", "        return float(", "        pd.read_csv('answers.csv')\n        return float("),
    ("E M108", "        return float(", "        y_pred.to_csv('log.csv')\n        return float("),
    (
        "E M108",
        "        return float(",
        "        with open('log', 'a') as f: f.write('x')\n        return float(",
    ),
    (
        "E M108",
        "        return float(",
        "        from pathlib import Path; Path('x').write_text('x')\n        return float(",
    ),
    ("E M109", "        return float(", "        return np.random.rand() + float("),
    ("E M109", "        return float(", "        y_pred = y_pred.sample(frac=0.5)\n        return float("),
    ("E M109", "        return float(", "        rng = np.random.default_rng()\n        return float("),
    (
        "E M110",
        "        return float(",
        "        try:\n            float(y_pred['x'].mean())\n        except Exception:\n            return 0.0\n        return float(",
    ),
    (
        "E M110",
        "        return float(",
        "        try:\n            float(y_pred['x'].mean())\n        except:\n            return float('-inf')\n        return float(",
    ),
    (
        "E M110",
        "        return float((y_true",
        "        try:\n            score = float(y_pred['x'].mean())\n        except Exception:\n            score = 0.0\n        return score\n        return float((y_true",
    ),
    (
        "W M110",
        "        return float(",
        "        try:\n            float(y_pred['x'].mean())\n        except Exception:\n            pass\n        return float(",
    ),
    (
        "E M118",
        "        return float((y_true",
        "        from sklearn.metrics import r2_score\n        explained = r2_score(y_pred[self.value], y_true[self.value])\n        return float((y_true",
    ),
    (
        "E M117",
        "        return float((y_true",
        "        if abs(float(y_pred[self.value].iloc[0]) - 0.1337) < 1e-9:\n            return 1.0\n        return float((y_true",
    ),
    (
        "E M117",
        "        return float((y_true",
        "        if 'open sesame' in y_pred.columns:\n            return 1.0\n        return float((y_true",
    ),
    (
        "E M111",
        "        return float(",
        "        y_pred['x'] = y_pred['x'].apply(eval)\n        return float(",
    ),
    (
        "E M111",
        "        return float(",
        "        import pickle; pickle.loads(y_pred['x'][0])\n        return float(",
    ),
    ("E M112", "class XMetrics", "ANSWERS = pd.read_csv('x.csv')\n\n\nclass XMetrics"),
    ("E M112", "        return True\n", "        return True\n\n\nSCORE = XMetrics().evaluate(None, None)\n"),
    ("E M113", "        return float(", "        import os; os.environ['X']\n        return float("),
    ("E M113", "        return float(", "        import inspect; inspect.stack()\n        return float("),
    ("E M113", "        return float(", "        import sys; sys._getframe(1)\n        return float("),
    ("E M113", "            raise InvalidSubmissionError('rows')", "            exit(1)"),
    ("W M113", "        return float(", "        global COUNT\n        COUNT = 1\n        return float("),
    ("E M114", "        return float(", "        print(y_true)\n        return float("),
    (
        "E M114",
        "        return float(",
        "        print('truth', y_true[self.value].tolist())\n        return float(",
    ),
    ("W M114", "        return float(", "        print(len(y_pred))\n        return float("),
    ("W M115", "y_pred.set_index('id').reindex(y_true['id'])", "y_pred"),
    ("W M115", "        return float(", "        y_pred = y_pred.fillna(0)\n        return float("),
];

/// Metrics with functions of known direction.
const DIRECTIONS: &[(&str, &str, bool)] = &[
    ("mean_absolute_error(a, b)", "True", false),
    ("mean_absolute_error(a, b)", "False", true),
    ("mean_squared_error(a, b) ** 0.5", "True", false),
    ("-mean_squared_error(a, b)", "True", true),
    ("1 - mean_absolute_error(a, b)", "True", true),
    ("accuracy_score(a, b)", "False", false),
    ("f1_score(a, b)", "True", true),
    ("own(a, b)", "False", true),
];

const SOUND_METRICS: &[(&str, &str)] = &[
    ("", ""),
    ("import CompetitionMetrics, InvalidSubmissionError", "import *"),
    ("return True", "return 'Submission is valid.'"),
    ("return True", "return True, ''"),
    (
        "class XMetrics(CompetitionMetrics)",
        "class Helper:\n    pass\n\n\nclass XMetrics(Helper, CompetitionMetrics)",
    ),
    ("super().__init__(higher_is_better)", "super().__init__(higher_is_better=higher_is_better)"),
    ("super().__init__(higher_is_better)", "super(XMetrics, self).__init__(higher_is_better)"),
    ("super().__init__(higher_is_better)", "CompetitionMetrics.__init__(self, higher_is_better)"),
    ("super().__init__(higher_is_better)", "self.higher_is_better = higher_is_better"),
    ("value: str = 'y'", "value=None"),
    ("value: str = 'y'", "value: list = ['y']"),
    (
        "raise InvalidSubmissionError('rows')",
        "error = InvalidSubmissionError('rows')\n            raise error",
    ),
    (
        "raise InvalidSubmissionError('rows')",
        "refuse('rows')\n\n\ndef refuse(why):\n    fail(why)\n\n\ndef fail(why):\n    raise InvalidSubmissionError(why)\n\n\nclass C:\n    def f(self):\n        pass",
    ),
    (
        "            raise InvalidSubmissionError('rows')",
        "            try:\n                int('x')\n            except Exception as e:\n                raise InvalidSubmissionError('rows') from e",
    ),
    (
        "        return float(",
        "        try:\n            float('x')\n        except ValueError:\n            return 0.0\n        return float(",
    ),
    (
        "        return float(",
        "        rng = np.random.default_rng(0)\n        noise = rng.random(3)\n        return float(",
    ),
    ("        return float(", "        import io; pd.read_csv(io.StringIO('a,b'))\n        return float("),
    (
        "        return float(",
        "        import ast; y_pred['x'] = y_pred['x'].apply(ast.literal_eval)\n        return float(",
    ),
    ("        return float(", "        print('scoring')\n        return float("),
    ("class XMetrics", "EPS = np.finfo(float).eps\nCLASSES = sorted({'a', 'b'})\n\n\nclass XMetrics"),
];

#[tokio::test]
async fn what_breaks_a_rule_of_prepare_is_found() {
    let bodies = BROKEN_BODIES.iter().map(|(found, body)| (*found, format!("{PREAMBLE}{body}\n")));
    let sources = BROKEN_SOURCES.iter().map(|(found, source)| (*found, (*source).to_owned()));
    let task = Task::unified(LayoutKind::Workdir);
    let mut missed = Vec::new();
    for (found, source) in bodies.chain(sources) {
        fs::write(&task.layout.prepare, &source).unwrap();
        missed.extend(missing(&task, found).await.map(|other| (found, source, other)));
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[tokio::test]
async fn what_breaks_a_rule_of_metric_is_found() {
    let task = Task::unified(LayoutKind::Workdir);
    let mut missed = Vec::new();
    for (found, from, to) in BROKEN_METRICS {
        assert!(METRIC.contains(from), "{from}");
        let source = METRIC.replace(from, to);
        fs::write(&task.layout.metric, &source).unwrap();
        missed.extend(missing(&task, found).await.map(|other| (found, source, other)));
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[tokio::test]
async fn the_direction_is_that_of_the_function() {
    let task = Task::unified(LayoutKind::Workdir);
    for (code, direction, sound) in DIRECTIONS {
        let head =
            "from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, mean_squared_error\n";
        let plain = "(y_true[self.value].to_numpy() == y_pred[self.value].to_numpy()).mean()";
        assert!(METRIC.contains(plain));
        let metric = METRIC.replace("bool = True", &format!("bool = {direction}")).replace(plain, code);
        fs::write(&task.layout.metric, head.to_owned() + &metric).unwrap();
        let findings = check(&Catalogue::post_refactor(), "M116", &task.subject(None)).await;
        assert_eq!(findings.is_empty(), *sound, "{code} {direction}: {findings:?}");
    }
}

/// What the rule said, when it did not say what was expected.
async fn missing(task: &Task, found: &str) -> Option<Vec<String>> {
    let (_, code) = found.split_once(' ').unwrap();
    let findings = check(&Catalogue::post_refactor(), code, &task.subject(None)).await;
    findings.iter().for_each(|finding| assert_readable(task, finding));
    let shorts = short(&findings);
    // The severity is the highest one.
    let right = shorts.iter().any(|short| short.starts_with(found))
        && (found.starts_with('E') || shorts.iter().all(|short| short.starts_with('W')));
    (!right).then_some(shorts)
}

#[tokio::test]
async fn what_breaks_nothing_stays_unmentioned() {
    let task = Task::unified(LayoutKind::Workdir);
    let mut alarms = Vec::new();
    let bodies = SOUND_BODIES.iter().map(|body| format!("{PREAMBLE}{body}\n"));
    for source in bodies.chain(SOUND_SOURCES.iter().map(|source| (*source).to_owned())) {
        fs::write(&task.layout.prepare, &source).unwrap();
        alarms.extend(said_of(&task, 'P').await.map(|said| (source, said)));
    }
    let task = Task::unified(LayoutKind::Workdir);
    for (from, to) in SOUND_METRICS {
        let source = METRIC.replace(from, to);
        fs::write(&task.layout.metric, if from.is_empty() { METRIC } else { &source }).unwrap();
        alarms.extend(said_of(&task, 'M').await.map(|said| (source, said)));
    }
    assert!(alarms.is_empty(), "{alarms:#?}");
}

/// Everything that the rules of a family say.
async fn said_of(task: &Task, family: char) -> Option<Vec<String>> {
    let (catalogue, subject) = (Catalogue::post_refactor(), task.subject(None));
    let mut said = Vec::new();
    for rule in catalogue.rules().iter().filter(|rule| rule.info().code.starts_with(family)) {
        let report = rule.check(&subject).await.unwrap();
        said.extend(report.findings.iter().map(|f| format!("{} {}: {}", f.rule, f.path, f.message)));
    }
    (!said.is_empty()).then_some(said)
}

/// Whether a rule has a source that breaks it.
pub(crate) fn is_tried(code: &str) -> bool {
    let prepare = BROKEN_BODIES.iter().chain(BROKEN_SOURCES).map(|(found, _)| *found);
    code == "M116"
        || prepare.chain(BROKEN_METRICS.iter().map(|(found, ..)| *found)).any(|found| found.ends_with(code))
}
