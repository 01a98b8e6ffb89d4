using MLNetMeta.RealTasks;

// dotnet run -c Release --project benchmarks/RealTasks -- compare --data FOLDER [--sets a,b] [--splits N] [--final]
return RealTasksCommand.Create().Parse(args).Invoke();
