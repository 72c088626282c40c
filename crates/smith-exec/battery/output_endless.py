# expect: output_limit
# tries: prints without end
while True:
    print("x" * 4096)
