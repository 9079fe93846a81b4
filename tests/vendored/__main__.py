"""`make graphiql`: needs npm, and the internet."""

import subprocess

from tests.vendored import HERE, write

subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=True)
write()
