@problemName p
@timeStamps false
@classLabel true a b
@data
1,2,3:a
1,?,4:b
