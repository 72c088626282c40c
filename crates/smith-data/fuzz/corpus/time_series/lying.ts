@problemName p
@seriesLength 99999999999999999999
@dimensions 4000000000
@data
::::::
