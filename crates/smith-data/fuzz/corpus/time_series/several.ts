@problemName p
@timeStamps true
@univariate false
@classLabel false
@data
(0,1),(1,2):(0,3)
(0,:
