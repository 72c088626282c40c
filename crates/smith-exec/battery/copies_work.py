# expect: ok
# tries: nothing forbidden: copying, unpacking and removing trees works as usual
import os
import shutil
import tarfile
import zipfile

from held import FACTS, broken, held

os.makedirs("tree/inner")
shutil.copy2(FACTS["inputs"] + "/data.csv", "tree/inner/data.csv")
shutil.copytree("tree", "again")
with zipfile.ZipFile("tree.zip", "w") as archive:
    archive.write("tree/inner/data.csv")
with tarfile.open("tree.tar", "w") as archive:
    archive.add("tree")
shutil.unpack_archive("tree.zip", "unzipped")
shutil.unpack_archive("tree.tar", "untarred")
for folder in ("again", "unzipped/tree", "untarred/tree"):
    with open(folder + "/inner/data.csv") as file:
        if file.read() != "id,x\n1,2\n":
            broken(folder)
os.rename("again/inner/data.csv", "moved.csv")
shutil.rmtree("tree")
shutil.rmtree("again")
held()
