"""Does the collector keep what it should, refuse what it must, and judge as the policies say?"""
